// Parameters as COM_STMT_EXECUTE brings them; layout in statement_parameters.h.
#include "core/wire/statement_parameters.h"

#include <bit>

#include "core/base/payload_reader.h"
#include "core/base/probe.h"

namespace aftersync::wire {

namespace {

constexpr uint8_t kUnsignedBit = 0x80;
constexpr std::string_view kValue = "value of parameter";

template <typename Signed, typename Unsigned>
Cell integer(Unsigned bits, bool is_unsigned) {
  if (is_unsigned) return uint64_t{bits};
  return int64_t{static_cast<Signed>(bits)};
}

DateTimeCell read_datetime(PayloadReader& reader) {
  DateTimeCell cell;
  const uint8_t size = reader.u8(kValue);
  if (size != 0 && size != 4 && size != 7 && size != 11) {
    reader.reject(kValue, "is no date: its length is none of 0, 4, 7, 11", 1);
  }
  if (size == 0) return cell;
  cell.year = reader.u16(kValue);
  cell.month = reader.u8(kValue);
  cell.day = reader.u8(kValue);
  if (size == 4) return cell;
  cell.hour = reader.u8(kValue);
  cell.minute = reader.u8(kValue);
  cell.second = reader.u8(kValue);
  if (size == 11) cell.microsecond = reader.u32(kValue);
  return cell;
}

TimeCell read_time(PayloadReader& reader) {
  constexpr uint32_t kMaxDays = UINT32_MAX / 24 - 1;
  TimeCell cell;
  const uint8_t size = reader.u8(kValue);
  if (size != 0 && size != 8 && size != 12) {
    reader.reject(kValue, "is no time: its length is none of 0, 8, 12", 1);
  }
  if (size == 0) return cell;
  cell.negative = reader.u8(kValue) != 0;
  const uint32_t days = reader.u32(kValue);
  if (days > kMaxDays) reader.reject(kValue, "has too many days", 4);
  cell.hours = days * 24 + reader.u8(kValue);
  cell.minute = reader.u8(kValue);
  cell.second = reader.u8(kValue);
  if (size == 12) cell.microsecond = reader.u32(kValue);
  return cell;
}

Cell read_value(PayloadReader& reader, ParameterType type) {
  switch (type.type) {
    case FieldType::null: return {};
    case FieldType::tiny: return integer<int8_t>(reader.u8(kValue), type.is_unsigned);
    case FieldType::short_int:
    case FieldType::year: return integer<int16_t>(reader.u16(kValue), type.is_unsigned);
    case FieldType::long_int:
    case FieldType::int24: return integer<int32_t>(reader.u32(kValue), type.is_unsigned);
    case FieldType::longlong: return integer<int64_t>(reader.u64(kValue), type.is_unsigned);
    case FieldType::float_number: return double{std::bit_cast<float>(reader.u32(kValue))};
    case FieldType::double_number: return std::bit_cast<double>(reader.u64(kValue));
    case FieldType::date:
    case FieldType::datetime:
    case FieldType::timestamp: return read_datetime(reader);
    case FieldType::time: return read_time(reader);
    default: return reader.lenenc_string(kValue);
  }
}

bool is_known(uint8_t type) {
  return (type <= static_cast<uint8_t>(FieldType::bit) && type != 14) ||
         type >= static_cast<uint8_t>(FieldType::json);
}

std::vector<ParameterType> read_types(PayloadReader& reader, size_t count) {
  std::vector<ParameterType> types;
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    const uint8_t type = reader.u8("type of parameter");
    if (!is_known(type)) reader.reject("type of parameter", "is none", 1);
    const uint8_t flags = reader.u8("flags of parameter");
    types.push_back({static_cast<FieldType>(type), (flags & kUnsignedBit) != 0});
  }
  return types;
}

}  // namespace

Status StatementParameters::add_long_data(uint16_t parameter, std::string_view bytes,
                                          size_t limit_bytes) {
  if (!long_problem_.ok()) return long_problem_;
  if (parameter >= count_) {
    long_problem_ = {Code::invalid_argument,
                     "COM_STMT_SEND_LONG_DATA: there is no parameter " + std::to_string(parameter)};
  } else if (bytes.size() > limit_bytes - std::min(limit_bytes, long_bytes_)) {
    long_problem_ = {Code::too_large, "COM_STMT_SEND_LONG_DATA: more than max_allowed_packet"};
  } else {
    long_data_[parameter].append(bytes);
    long_bytes_ += bytes.size();
  }
  return long_problem_;
}

void StatementParameters::drop_long_data() {
  long_data_.clear();
  long_bytes_ = 0;
  long_problem_ = Status();
}

Result<StatementParameters::Execution> StatementParameters::bind(std::string_view payload) {
  RETURN_IF_ERROR(long_problem_);
  PayloadReader reader("COM_STMT_EXECUTE", payload);
  Execution execution;
  execution.flags = reader.u8("flags");
  (void)reader.u32("iterations");
  if (count_ == 0) {
    RETURN_IF_ERROR(reader.status());
    return execution;
  }
  const std::string_view nulls = reader.bytes((count_ + 7) / 8, "bitmap of NULLs");
  const uint8_t types_follow = reader.u8("flag of new types");
  if (types_follow != 0) {
    std::vector<ParameterType> types = read_types(reader, count_);
    if (reader.ok()) types_ = std::move(types);
  } else if (reader.ok() && types_.size() != count_) {
    reader.reject("flag of new types", "is 0 where none have been sent before", 1);
  } else {
    PROBE("wire/parameter-types-remembered");
  }
  for (size_t i = 0; i < count_ && reader.ok(); ++i) {
    Parameter parameter{types_[i], {}};
    if (const auto sent = long_data_.find(static_cast<uint16_t>(i)); sent != long_data_.end()) {
      parameter.cell = std::string_view(sent->second);
    } else if ((nulls[i / 8] >> i % 8 & 1) == 0) {
      parameter.cell = read_value(reader, types_[i]);
    }
    execution.parameters.push_back(parameter);
  }
  RETURN_IF_ERROR(reader.status());
  return execution;
}

}  // namespace aftersync::wire
