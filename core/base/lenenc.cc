// The encoding half of lenenc.h.
#include "core/base/lenenc.h"

#include "core/base/coding.h"

namespace aftersync {

void append_lenenc_integer(std::string& to, uint64_t value) {
  if (value < kLenencNull) {
    to.push_back(static_cast<char>(value));
  } else if (value <= 0xffff) {
    to.push_back('\xfc');
    append_le(to, static_cast<uint16_t>(value));
  } else if (value <= 0xffffff) {
    to.push_back('\xfd');
    append_le(to, static_cast<uint16_t>(value));
    to.push_back(static_cast<char>(value >> 16));
  } else {
    to.push_back('\xfe');
    append_le(to, value);
  }
}

void append_lenenc_string(std::string& to, std::string_view bytes) {
  append_lenenc_integer(to, bytes.size());
  to.append(bytes);
}

}  // namespace aftersync
