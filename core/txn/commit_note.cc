// CommitNote: bytes.
#include "core/txn/commit_note.h"

#include "core/base/coding.h"

namespace aftersync::txn {

std::string CommitNote::encode() const {
  std::string bytes;
  append_be(bytes, kVersion);
  append_be(bytes, end.file);
  append_be(bytes, end.position);
  bytes += gtid.source.bytes();
  append_be(bytes, gtid.number);
  return bytes;
}

Result<CommitNote> CommitNote::decode(std::string_view bytes) {
  Reader reader(bytes);
  CommitNote note;
  const auto version = reader.be<uint8_t>();
  if (reader.ok() && version != kVersion) {
    return {Code::unsupported, "commit note of version " + std::to_string(version)};
  }
  note.end.file = reader.be<uint64_t>();
  note.end.position = reader.be<uint64_t>();
  const std::string_view source = reader.bytes(Uid::kBytes);
  note.gtid.number = reader.be<uint64_t>();
  if (!reader.ok() || !reader.at_end()) {
    return {Code::corruption, "commit note of " + std::to_string(bytes.size()) + " bytes"};
  }
  ASSIGN_OR_RETURN(note.gtid.source, Uid::from_bytes(source));
  return note;
}

}  // namespace aftersync::txn
