// RedoFiles: making, judging, reading and writing the ring.
#include "core/log/redo_files.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/base/fault.h"

namespace aftersync {

namespace {

using namespace redo;

std::string member_path(const std::string& directory, uint32_t number) {
  const std::string name = "redo_" + std::to_string(number) + ".log";
  return directory.empty() ? name : directory + "/" + name;
}

Status damaged(const std::string& path, std::string_view what, const std::string& expected,
               const std::string& found) {
  return {Code::corruption,
          path + ": " + std::string(what) + ": expected " + expected + ", found " + found};
}

struct FileHeader {
  uint32_t number = 0;
  uint32_t files = 0;
  uint32_t slots = 0;
  Uid uid;
};

std::string encode(const FileHeader& h) {
  std::string to;
  append_be(to, kFileMagic);
  append_be(to, kFormatVersion);
  append_be(to, h.number);
  append_be(to, h.files);
  append_be(to, h.slots);
  to.append(h.uid.bytes());
  append_be(to, crc32c(to));
  return to;
}

Result<FileHeader> decode_header(const std::string& path, std::string_view bytes) {
  Reader in(bytes);
  if (const auto magic = in.be<uint64_t>(); magic != kFileMagic) {
    return damaged(path, "not a redo file: magic number", std::to_string(kFileMagic),
                   std::to_string(magic));
  }
  const auto version = in.be<uint32_t>();
  if (version != kFormatVersion) {
    return {Code::unsupported, path + ": redo format version: expected " +
                                   std::to_string(kFormatVersion) + ", found " +
                                   std::to_string(version)};
  }
  FileHeader h;
  h.number = in.be<uint32_t>();
  h.files = in.be<uint32_t>();
  h.slots = in.be<uint32_t>();
  ASSIGN_OR_RETURN(h.uid, Uid::from_bytes(in.bytes(Uid::kBytes)));
  const uint32_t computed = crc32c(bytes.substr(0, kHeaderCrcAt));
  if (const auto stored = in.be<uint32_t>(); stored != computed) {
    return damaged(path, "header checksum", std::to_string(computed), std::to_string(stored));
  }
  return h;
}

std::string encode(const RedoCheckpoint& c, Uid uid) {
  std::string to;
  append_be(to, kCheckpointMagic);
  append_be(to, c.sequence);
  append_be(to, c.lsn.value());
  append_be(to, c.epoch);
  append_be(to, uint32_t{c.clean_shutdown ? 1u : 0u});
  to.append(uid.bytes());
  to.resize(kCheckpointCrcAt, '\0');
  append_be(to, crc32c(to));
  return to;
}

bool decode_checkpoint(std::string_view bytes, Uid uid, RedoCheckpoint& c) {
  Reader in(bytes);
  if (in.be<uint64_t>() != kCheckpointMagic) return false;
  c.sequence = in.be<uint64_t>();
  c.lsn = Lsn(in.be<uint64_t>());
  c.epoch = in.be<uint32_t>();
  c.clean_shutdown = in.be<uint32_t>() != 0;
  if (in.bytes(Uid::kBytes) != uid.bytes()) return false;
  return load_be<uint32_t>(bytes.data() + kCheckpointCrcAt) ==
         crc32c(bytes.substr(0, kCheckpointCrcAt));
}

// Writes header, first checkpoint and zeroes for the rest, synced.
Status make_member(Node& node, const std::string& path, const FileHeader& h) {
  ASSIGN_OR_RETURN(File file, node.disk().open(path, OpenMode::create));
  RETURN_IF_ERROR(file.truncate(0));
  std::string head = encode(h);
  head.resize(kFileHeaderBytes, '\0');
  if (h.number == 0) {
    RedoCheckpoint first;
    first.sequence = 1;
    first.clean_shutdown = true;
    head.replace(kCheckpointAt[0], kCheckpointBytes, encode(first, h.uid));
  }
  RETURN_IF_ERROR(file.write(0, head));
  const std::string zeroes(256 * kBlockBytes, '\0');
  const uint64_t end = kFileHeaderBytes + uint64_t{h.slots} * kBlockBytes;
  for (uint64_t at = kFileHeaderBytes; at < end; at += zeroes.size()) {
    const uint64_t n = std::min<uint64_t>(zeroes.size(), end - at);
    RETURN_IF_ERROR(file.write(at, std::string_view(zeroes).substr(0, n)));
  }
  return file.sync_data();
}

// A failed sync would not be reported a second time.
void sync_names(Node& node, const std::string& directory) {
  const Status synced = node.disk().sync_directory(directory);
  if (!synced.ok()) node.crash("redo log: " + synced.to_string());
}

}  // namespace

Result<std::unique_ptr<RedoFiles>> RedoFiles::create(Node& node, std::string directory,
                                                     RedoGeometry geometry) {
  Disk& disk = node.disk();
  ASSIGN_OR_RETURN(const bool exists, disk.exists(member_path(directory, 0)));
  if (exists) return {Code::already_exists, member_path(directory, 0) + ": there is a redo log"};
  CHECK(geometry.files >= 1 && geometry.slots() >= 16);
  FileHeader h;
  h.files = geometry.files;
  h.slots = static_cast<uint32_t>(geometry.slots_per_file());
  h.uid = node.rng().uid();
  for (uint32_t i = 0; i < geometry.files; ++i) {
    h.number = i;
    RETURN_IF_ERROR(make_member(node, member_path(directory, i) + ".tmp", h));
  }
  for (uint32_t i = geometry.files; i-- > 0;) {
    // The others' names must be durable before file 0 says that they are there.
    if (i == 0) sync_names(node, directory);
    const std::string path = member_path(directory, i);
    RETURN_IF_ERROR(disk.rename(path + ".tmp", path));
  }
  sync_names(node, directory);
  return open(node, std::move(directory));
}

Result<std::unique_ptr<RedoFiles>> RedoFiles::open(Node& node, std::string directory) {
  ASSIGN_OR_RETURN(const bool exists, node.disk().exists(member_path(directory, 0)));
  if (!exists) return {Code::not_found, member_path(directory, 0) + ": no redo log"};
  std::unique_ptr<RedoFiles> files(new RedoFiles(node, std::move(directory)));
  RETURN_IF_ERROR(files->open_member(0));
  for (uint32_t i = 1; i < files->geometry_.files; ++i) RETURN_IF_ERROR(files->open_member(i));
  return files;
}

// File 0 sets geometry and uid; the others must agree with it.
Status RedoFiles::open_member(uint32_t number) {
  const std::string path = member_path(directory_, number);
  auto opened = node_.disk().open(path, OpenMode::write);
  if (opened.code() == Code::not_found) {
    return {Code::corruption,
            path + ": missing: the redo log has " + std::to_string(geometry_.files) + " files"};
  }
  RETURN_IF_ERROR(opened.status());
  File file = std::move(opened).value();
  std::array<char, kFileHeaderBytes> head;
  RETURN_IF_ERROR(file.read_exactly(0, head));
  ASSIGN_OR_RETURN(const FileHeader h, decode_header(path, {head.data(), head.size()}));
  if (number == 0) {
    uid_ = h.uid;
    geometry_.files = h.files;
    geometry_.file_bytes = kFileHeaderBytes + uint64_t{h.slots} * kBlockBytes;
    if (h.files == 0 || geometry_.slots() < 16) {
      return damaged(path, "files and slots", "a usable ring",
                     std::to_string(h.files) + " x " + std::to_string(h.slots));
    }
  }
  if (h.uid != uid_) return damaged(path, "uid", uid_.to_string(), h.uid.to_string());
  if (h.number != number) {
    return damaged(path, "file number", std::to_string(number), std::to_string(h.number));
  }
  if (h.files != geometry_.files || h.slots != geometry_.slots_per_file()) {
    return damaged(path, "slots", std::to_string(geometry_.slots_per_file()),
                   std::to_string(h.slots));
  }
  ASSIGN_OR_RETURN(const uint64_t size, file.size());
  if (size < geometry_.file_bytes) {
    return damaged(path, "size", std::to_string(geometry_.file_bytes) + " bytes",
                   std::to_string(size));
  }
  members_.push_back(std::make_unique<Member>(std::move(file)));
  return {};
}

Result<RedoCheckpoint> RedoFiles::newest_checkpoint(const std::string& path,
                                                    std::string_view head) {
  if (head.size() < kFileHeaderBytes) {
    return damaged(path, "size", "at least " + std::to_string(kFileHeaderBytes) + " bytes",
                   std::to_string(head.size()));
  }
  ASSIGN_OR_RETURN(const FileHeader header, decode_header(path, head));
  RedoCheckpoint best;
  bool found = false;
  for (const size_t at : kCheckpointAt) {
    RedoCheckpoint c;
    if (!decode_checkpoint(head.substr(at, kCheckpointBytes), header.uid, c)) continue;
    if (!found || c.sequence > best.sequence) best = c;
    found = true;
  }
  if (found) return best;
  return {Code::corruption, path + ": expected a valid checkpoint block, found none"};
}

Result<RedoCheckpoint> RedoFiles::read_checkpoint() {
  std::array<char, kFileHeaderBytes> head;
  RETURN_IF_ERROR(members_[0]->file.read_exactly(0, head));
  return newest_checkpoint(member_path(directory_, 0), {head.data(), head.size()});
}

Status RedoFiles::write_checkpoint(const RedoCheckpoint& checkpoint) {
  Member& first = *members_[0];
  const size_t at = kCheckpointAt[checkpoint.sequence % 2 == 1 ? 0 : 1];
  RETURN_IF_ERROR(first.file.write(at, encode(checkpoint, uid_)));
  return first.file.sync_data();
}

std::string RedoFiles::where(uint64_t block) const {
  const Place place = place_of(block);
  return place.member->file.path() + " offset " + std::to_string(place.offset) + ", redo block " +
         std::to_string(block) + " (lsn " + std::to_string(block_start(block).value()) + ")";
}

RedoFiles::Place RedoFiles::place_of(uint64_t block) const {
  const uint64_t per_file = geometry_.slots_per_file();
  const uint64_t slot = block % geometry_.slots();
  const uint64_t in_file = slot % per_file;
  return {members_[slot / per_file].get(), kFileHeaderBytes + in_file * kBlockBytes,
          per_file - in_file};
}

Status RedoFiles::read_slots(uint64_t first, size_t count, std::span<char> into) {
  CHECK_EQ(into.size(), count * kBlockBytes);
  while (count > 0) {
    const Place place = place_of(first);
    const size_t n = std::min<uint64_t>(count, place.slots);
    RETURN_IF_ERROR(place.member->file.read_exactly(place.offset, into.first(n * kBlockBytes)));
    into = into.subspan(n * kBlockBytes);
    first += n;
    count -= n;
  }
  return {};
}

Status RedoFiles::write_blocks(uint64_t first, std::string_view formatted) {
  CHECK_EQ(formatted.size() % kBlockBytes, 0u);
  while (!formatted.empty()) {
    const Place place = place_of(first);
    const size_t n = std::min<uint64_t>(formatted.size() / kBlockBytes, place.slots);
    place.member->unsynced.store(true, std::memory_order_relaxed);
    RETURN_IF_ERROR(place.member->file.write(place.offset, formatted.substr(0, n * kBlockBytes)));
    formatted.remove_prefix(n * kBlockBytes);
    first += n;
  }
  return {};
}

Status RedoFiles::sync() {
  for (const auto& member : members_) {
    if (!member->unsynced.exchange(false, std::memory_order_relaxed)) continue;
    Status status = member->file.sync_data();
    if (!status.ok() && AFTERSYNC_FAULT("bug/fsync-retry")) status = member->file.sync_data();
    RETURN_IF_ERROR(status);
  }
  return {};
}

Status RedoFiles::sync_all() {
  for (const auto& member : members_) member->unsynced.store(true, std::memory_order_relaxed);
  return sync();
}

void RedoFiles::format_block(std::span<char> to, const RedoBlock& block) {
  CHECK(to.size() == kBlockBytes && block.payload.size() <= kBlockPayload);
  CHECK_LE(block.durable_block, block.number);
  const uint64_t distance = block.number - block.durable_block;
  char* const p = to.data();
  store_be(p + 4, block.epoch);
  store_be(p + 8, block.number);
  store_be(p + 16, static_cast<uint16_t>(block.payload.size()));
  store_be(p + 18, static_cast<uint16_t>(std::min<uint64_t>(distance, kDurableUnknown)));
  if (!block.payload.empty() && p + kBlockHeaderBytes != block.payload.data()) {
    std::memcpy(p + kBlockHeaderBytes, block.payload.data(), block.payload.size());
  }
  std::memset(p + kBlockHeaderBytes + block.payload.size(), 0,
              kBlockPayload - block.payload.size());
  store_be(p, crc32c({p + 4, kBlockBytes - 4}));
}

bool RedoFiles::parse_block(std::string_view bytes, uint64_t expected, RedoBlock& block) {
  CHECK_EQ(bytes.size(), kBlockBytes);
  const char* const p = bytes.data();
  const size_t length = load_be<uint16_t>(p + 16);
  if (load_be<uint64_t>(p + 8) != expected || length > kBlockPayload) return false;
  if (load_be<uint32_t>(p) != crc32c(bytes.substr(4))) return false;
  block.number = expected;
  block.epoch = load_be<uint32_t>(p + 4);
  const auto distance = load_be<uint16_t>(p + 18);
  block.durable_block =
      distance == kDurableUnknown || distance > expected ? 0 : expected - distance;
  block.payload = bytes.substr(kBlockHeaderBytes, length);
  return true;
}

}  // namespace aftersync
