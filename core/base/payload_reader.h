// PayloadReader: a packet or an event in MySQL's formats, read field by field, whoever sent it.
//
// What comes from elsewhere is nobody's promise. Every read is checked against the payload's end
// before a byte is touched; the first that does not fit is remembered with the packet's name, the
// offset and the field, and all reads after it return zero or nothing and move no further. So a
// parser reads a whole packet in the order of its table and looks once, at status().
//
// Does not own the bytes; what it returns points into them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/coding.h"
#include "core/base/status.h"

namespace aftersync {

class PayloadReader {
 public:
  // `packet` (a literal) names the packet in messages.
  PayloadReader(std::string_view packet, std::string_view payload)
      : packet_(packet), payload_(payload) {}

  [[nodiscard]] uint8_t u8(std::string_view field) { return fixed<uint8_t>(field); }
  [[nodiscard]] uint16_t u16(std::string_view field) { return fixed<uint16_t>(field); }
  [[nodiscard]] uint32_t u32(std::string_view field) { return fixed<uint32_t>(field); }
  [[nodiscard]] uint64_t u64(std::string_view field) { return fixed<uint64_t>(field); }
  // NULL (0xfb) and 0xff are malformed here.
  [[nodiscard]] uint64_t lenenc_integer(std::string_view field);
  [[nodiscard]] std::string_view lenenc_string(std::string_view field);
  // Without its terminator, which must be there.
  [[nodiscard]] std::string_view nul_string(std::string_view field);
  [[nodiscard]] std::string_view bytes(uint64_t count, std::string_view field);
  // Everything that is left; may be empty.
  [[nodiscard]] std::string_view rest();

  // Records that `field`, which began `width` bytes before here, holds what it must not.
  void reject(std::string_view field, std::string_view why, size_t width = 0);

  [[nodiscard]] bool ok() const { return problem_.empty(); }
  [[nodiscard]] bool at_end() const { return offset_ == payload_.size(); }
  [[nodiscard]] size_t offset() const { return offset_; }
  // OK, or Code::invalid_argument: "PACKET: offset N: FIELD: what is wrong".
  [[nodiscard]] Status status() const;
  // As status(), and bytes behind the last field are malformed too.
  [[nodiscard]] Status finish();

 private:
  template <typename U>
  U fixed(std::string_view field) {
    const std::string_view found = bytes(sizeof(U), field);
    return found.empty() ? U{0} : load_le<U>(found.data());
  }

  std::string_view packet_;
  std::string_view payload_;
  size_t offset_ = 0;
  std::string problem_;
};

}  // namespace aftersync
