// Keys whose bytes compare as their values do: memcmp is the only comparison a tree ever makes.
//
// A key is the concatenation of its parts; each part's encoding is prefix-free, so that a shorter
// part never runs into the next one. A descending part has all its bytes inverted.
//
//   NULL, if the part is nullable     00; every other value of a nullable part begins with 01
//   signed integer of n bytes         big-endian, sign bit flipped
//   unsigned integer                  big-endian
//   double, float                     big-endian; sign bit set: all bits flipped, else the sign
//   bit;
//                                     -0 is stored as +0; NaN is refused
//   decimal(p,s)                      MySQL's packed binary form, which compares bytewise
//   bytes, strings                    the sort key of the collation, escaped: 00 -> 00 ff, ended by
//                                     00 00
//   date, time, datetime, timestamp   MySQL's packed integers, as signed integers
//
// The encoded key is at most limits::kMaxKeyBytes: Code::too_large otherwise. Collations hand over
// their sort key through SortKeyFn; binary, utf8mb4_bin and a general_ci-like one are built in.
// Encodings of strings under a case-insensitive collation cannot be turned back: rows keep the
// value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/status.h"

namespace aftersync::storage {

enum class ColumnType : uint8_t {
  signed_integer,    // 1, 2, 3, 4 or 8 bytes
  unsigned_integer,  // the same
  float_number,
  double_number,
  decimal,    // packed
  string,     // char, varchar, text: with a collation
  bytes,      // binary, varbinary, blob
  date,       // packed into 3 bytes
  time,       // packed into a signed 8-byte integer
  datetime,   // the same
  timestamp,  // microseconds since 1970, signed
};

// Numbers are on disk.
enum class Collation : uint8_t { binary = 0, utf8mb4_bin = 1, utf8mb4_general_ci = 2 };

// Appends the sort key of `text`: equal under the collation if and only if the bytes are equal.
using SortKeyFn = void (*)(std::string_view text, std::string& to);
[[nodiscard]] SortKeyFn sort_key_fn(Collation collation);

// A value as rows hold it. Decimals and temporals come in their packed forms.
using Value = std::variant<std::monostate, int64_t, uint64_t, double, std::string>;
using ValueView = std::variant<std::monostate, int64_t, uint64_t, double, std::string_view>;

struct KeyPart {
  uint32_t column = 0;
  ColumnType type = ColumnType::signed_integer;
  uint8_t width = 8;  // bytes of an integer
  Collation collation = Collation::binary;
  bool nullable = false;
  bool descending = false;
  uint32_t prefix_chars = 0;  // INDEX (c(10)); 0: the whole value
};

// Appends the encoding of `value` to `key`. Code::invalid_argument when it does not fit the part's
// type; Code::too_large when `key` would exceed limits::kMaxKeyBytes.
Status append_key_part(const KeyPart& part, const ValueView& value, std::string& key);

// Takes one part's encoding off the front of `key` and decodes it. Code::unsupported for parts that
// cannot be turned back; Code::corruption for bytes that are no such encoding.
[[nodiscard]] Result<Value> take_key_part(const KeyPart& part, std::string_view& key);

// The smallest byte string greater than all that begin with `key`; empty when there is none.
[[nodiscard]] std::string key_successor(std::string_view key);

}  // namespace aftersync::storage
