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
//   decimal(p,s)                      MySQL's packed binary form (decimal.h)
//   bytes, strings in `binary`        the bytes, 00 written as 00 ff, ended by 00 00
//   other strings                     the sort key of the collation, which ends itself
//   (collation.h) date                              MySQL's packed 3 bytes, as a signed integer
//   time, datetime, timestamp         MySQL's packed integers, as signed integers of 8 bytes
//
// NULL sorts first, and last where the part is descending: MySQL manual 8.2.1.16.
//
// The encoded key is at most limits::kMaxKeyBytes: Code::too_large otherwise. A string under any
// collation but `binary` cannot be turned back, as keys of different strings are equal: rows keep
// the value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/status.h"
#include "core/storage/collation.h"

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

// A value as rows hold it. Decimals and temporals come in their packed forms.
using Value = std::variant<std::monostate, int64_t, uint64_t, double, std::string>;
using ValueView = std::variant<std::monostate, int64_t, uint64_t, double, std::string_view>;

struct KeyPart {
  uint32_t column = 0;
  ColumnType type = ColumnType::signed_integer;
  uint8_t width = 8;  // bytes of an integer (1, 2, 3, 4, 8) or of a packed decimal
  Collation collation = Collation::binary;
  bool nullable = false;
  bool descending = false;
  uint32_t prefix_chars = 0;  // INDEX (c(10)); 0: the whole value
};

// Appends the encoding of `value` to `key`. Code::invalid_argument when it does not fit the part's
// type or width; Code::too_large when `key` would exceed limits::kMaxKeyBytes. `key` is unchanged
// then.
Status append_key_part(const KeyPart& part, const ValueView& value, std::string& key);

// Appends what the encodings of all strings that begin with `beginning` begin with (for a part in
// descending order as well): the range from it to key_successor() of it holds them. It may hold a
// few more, when `beginning` ends in spaces under a collation that pads with them.
Status append_key_prefix(const KeyPart& part, std::string_view beginning, std::string& key);

// Takes one part's encoding off the front of `key` and decodes it. Code::unsupported for parts that
// cannot be turned back; Code::corruption for bytes that are no such encoding.
[[nodiscard]] Result<Value> take_key_part(const KeyPart& part, std::string_view& key);
// The same without decoding, for any part: how one gets at what follows it.
Status skip_key_part(const KeyPart& part, std::string_view& key);

// The smallest byte string greater than all that begin with `key`; empty when there is none.
[[nodiscard]] std::string key_successor(std::string_view key);

}  // namespace aftersync::storage
