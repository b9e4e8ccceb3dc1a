// Reads of untrusted payloads: every one is checked first.
#include "core/base/payload_reader.h"

#include "core/base/lenenc.h"

namespace aftersync {

std::string_view PayloadReader::bytes(uint64_t count, std::string_view field) {
  if (!ok()) return {};
  const size_t left = payload_.size() - offset_;
  if (count > left) {
    reject(field,
           "needs " + std::to_string(count) + " bytes, " + std::to_string(left) + " are left");
    return {};
  }
  const std::string_view found = payload_.substr(offset_, count);
  offset_ += count;
  return found;
}

uint64_t PayloadReader::lenenc_integer(std::string_view field) {
  const uint8_t first = u8(field);
  if (!ok() || first < kLenencNull) return first;
  switch (first) {
    case 0xfc: return u16(field);
    case 0xfd: {
      const uint64_t low = u16(field);
      return low | uint64_t{u8(field)} << 16;
    }
    case 0xfe: return u64(field);
    default: reject(field, "is no length-encoded integer", 1); return 0;
  }
}

std::string_view PayloadReader::lenenc_string(std::string_view field) {
  const uint64_t size = lenenc_integer(field);
  return bytes(size, field);
}

std::string_view PayloadReader::nul_string(std::string_view field) {
  if (!ok()) return {};
  const size_t end = payload_.find('\0', offset_);
  if (end == std::string_view::npos) {
    reject(field, "has no terminator");
    return {};
  }
  const std::string_view found = payload_.substr(offset_, end - offset_);
  offset_ = end + 1;
  return found;
}

std::string_view PayloadReader::rest() {
  return bytes(ok() ? payload_.size() - offset_ : 0, "rest");
}

void PayloadReader::reject(std::string_view field, std::string_view why, size_t width) {
  if (!ok()) return;
  problem_ = "offset " + std::to_string(offset_ - width) + ": " + std::string(field) + " " +
             std::string(why);
}

Status PayloadReader::status() const {
  if (ok()) return {};
  return {Code::invalid_argument, std::string(packet_) + ": " + problem_};
}

Status PayloadReader::finish() {
  if (ok() && !at_end()) {
    reject("packet", "goes on for " + std::to_string(payload_.size() - offset_) + " bytes");
  }
  return status();
}

}  // namespace aftersync
