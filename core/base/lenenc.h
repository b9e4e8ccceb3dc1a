// Length-encoded integers, MySQL's varints, which also stand in front of length-encoded strings:
//
//   first byte     value
//   0 .. 250       itself
//   0xfb           NULL, only where a row of text may have it
//   0xfc           the next 2 bytes
//   0xfd           the next 3 bytes
//   0xfe           the next 8 bytes
//   0xff           never: an error packet begins so
//
// Little-endian. payload_reader.h reads them.
// Source: MySQL Source Code Documentation, "Protocol Data Types: Integer Types, String Types".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aftersync {

inline constexpr uint8_t kLenencNull = 0xfb;

// Writes the length-encoded form: 1, 3, 4 or 9 bytes, the shortest.
void append_lenenc_integer(std::string& to, uint64_t value);
void append_lenenc_string(std::string& to, std::string_view bytes);

}  // namespace aftersync
