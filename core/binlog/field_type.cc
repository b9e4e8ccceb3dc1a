// Field types: sizes.
#include "core/binlog/field_type.h"

#include <string>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/binlog/decimal_field.h"
#include "core/binlog/temporal_field.h"

namespace aftersync::binlog {

namespace {

constexpr uint16_t kLengthBits = 0x30;  // of the first metadata byte of `string`

Status unknown(FieldType type) {
  return {Code::unsupported, "field type " + std::to_string(static_cast<int>(type))};
}

// A length of `length_bytes`, and that many bytes.
Result<size_t> prefixed(std::string_view bytes, size_t length_bytes) {
  if (bytes.size() < length_bytes) return bytes.size() + 1;
  char length[sizeof(uint64_t)] = {};
  std::memcpy(length, bytes.data(), length_bytes);
  return length_bytes + load_le<uint64_t>(length);
}

Result<size_t> string_bytes(uint16_t metadata, std::string_view bytes) {
  const auto first = static_cast<uint8_t>(metadata);
  const auto second = static_cast<uint16_t>(metadata >> 8);
  const auto type = static_cast<FieldType>(first | kLengthBits);
  if (type == FieldType::string) {
    const auto high = static_cast<uint16_t>(((first & kLengthBits) ^ kLengthBits) << 4);
    return prefixed(bytes, (high | second) > 255 ? 2 : 1);
  }
  const auto whole = static_cast<FieldType>(first);
  if (whole != FieldType::enumeration && whole != FieldType::set) return unknown(whole);
  if (second == 0 || second > 8) {
    return {Code::corruption, "enumeration or set of " + std::to_string(second) + " bytes"};
  }
  return second;
}

Result<size_t> announced_bytes(const Field& field, std::string_view bytes) {
  switch (field.type) {
    case FieldType::tiny:
    case FieldType::year: return 1;
    case FieldType::short_integer: return 2;
    case FieldType::int24:
    case FieldType::date:
    case FieldType::time: return 3;
    case FieldType::long_integer:
    case FieldType::float_number:
    case FieldType::timestamp: return 4;
    case FieldType::longlong:
    case FieldType::double_number:
    case FieldType::datetime: return 8;
    case FieldType::timestamp2: return kTimestampBytes + fraction_bytes(field.metadata);
    case FieldType::datetime2: return kDatetimeBytes + fraction_bytes(field.metadata);
    case FieldType::time2: return kTimeBytes + fraction_bytes(field.metadata);
    case FieldType::newdecimal: return decimal_bytes(field);
    case FieldType::bit: return (field.metadata >> 8) + ((field.metadata & 0xff) > 0 ? 1u : 0u);
    case FieldType::varchar:
    case FieldType::var_string: return prefixed(bytes, field.metadata > 255 ? 2 : 1);
    case FieldType::string: return string_bytes(field.metadata, bytes);
    case FieldType::blob:
      if (field.metadata < 1 || field.metadata > 4) {
        return {Code::corruption,
                "blob with a length of " + std::to_string(field.metadata) + " bytes"};
      }
      return prefixed(bytes, field.metadata);
    default: return unknown(field.type);
  }
}

}  // namespace

Result<size_t> metadata_bytes(FieldType type) {
  switch (type) {
    case FieldType::tiny:
    case FieldType::short_integer:
    case FieldType::long_integer:
    case FieldType::timestamp:
    case FieldType::longlong:
    case FieldType::int24:
    case FieldType::date:
    case FieldType::time:
    case FieldType::datetime:
    case FieldType::year: return 0;
    case FieldType::float_number:
    case FieldType::double_number:
    case FieldType::timestamp2:
    case FieldType::datetime2:
    case FieldType::time2:
    case FieldType::blob: return 1;
    case FieldType::varchar:
    case FieldType::bit:
    case FieldType::newdecimal:
    case FieldType::enumeration:
    case FieldType::set:
    case FieldType::var_string:
    case FieldType::string: return 2;
  }
  return unknown(type);
}

Result<size_t> value_bytes(const Field& field, std::string_view bytes) {
  ASSIGN_OR_RETURN(const size_t wanted, announced_bytes(field, bytes));
  if (wanted > bytes.size()) {
    return {Code::corruption, "value of " + std::to_string(wanted) + " bytes (field type " +
                                  std::to_string(static_cast<int>(field.type)) + "), " +
                                  std::to_string(bytes.size()) + " are left"};
  }
  return wanted;
}

Field string_field(uint16_t max_bytes) {
  CHECK_LT(max_bytes, 1024);
  const auto high = static_cast<uint16_t>((max_bytes >> 4) & kLengthBits);
  const auto first = static_cast<uint16_t>(static_cast<uint8_t>(FieldType::string) ^ high);
  return {FieldType::string, static_cast<uint16_t>(first | (max_bytes & 0xff) << 8)};
}

}  // namespace aftersync::binlog
