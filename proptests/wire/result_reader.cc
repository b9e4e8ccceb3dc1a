// The client's half of result sets.
#include "proptests/wire/result_reader.h"

#include <bit>
#include <cstdio>

namespace aftersync::wire {

namespace {

constexpr uint32_t kSessionTrackFlag = 1 << 23, kDeprecateEofFlag = 1 << 24;
constexpr uint16_t kMoreResultsFlag = 8, kStateChangedFlag = 0x4000;

bool wants_eof(const WireClient& client) { return (client.capabilities & kDeprecateEofFlag) == 0; }

bool read_ok(const WireClient& client, std::string_view payload, ResultSeen& into) {
  Fields fields(payload);
  (void)fields.take(1);
  into.affected_rows = fields.lenenc();
  into.last_insert_id = fields.lenenc();
  into.status = static_cast<uint16_t>(fields.little(2));
  into.warnings = static_cast<uint16_t>(fields.little(2));
  if (!fields.left.empty()) into.info = fields.text();
  const bool tracked =
      (client.capabilities & kSessionTrackFlag) != 0 && (into.status & kStateChangedFlag) != 0;
  const std::string changes = tracked ? fields.text() : "";
  Fields rest(changes);
  while (!rest.left.empty() && !rest.bad) {
    const int type = static_cast<int>(rest.little(1));
    into.changes.emplace_back(type, rest.text());
  }
  return !fields.bad && !rest.bad && fields.left.empty();
}

bool read_eof(std::string_view payload, ResultSeen& into) {
  Fields fields(payload);
  if (fields.little(1) != 0xfe) return false;
  into.warnings = static_cast<uint16_t>(fields.little(2));
  into.status = static_cast<uint16_t>(fields.little(2));
  return !fields.bad && fields.left.empty();
}

bool read_column(std::string_view payload, ColumnSeen& into) {
  Fields fields(payload);
  const bool is_def = fields.text() == "def";
  into.schema = fields.text();
  into.table = fields.text();
  (void)fields.text();
  into.name = fields.text();
  (void)fields.text();
  const bool is_twelve = fields.lenenc() == 12;
  into.collation = static_cast<uint16_t>(fields.little(2));
  into.length = static_cast<uint32_t>(fields.little(4));
  into.type = static_cast<uint8_t>(fields.little(1));
  into.flags = static_cast<uint16_t>(fields.little(2));
  into.decimals = static_cast<uint8_t>(fields.little(1));
  return fields.little(2) == 0 && !fields.bad && is_def && is_twelve && fields.left.empty();
}

std::string integer_text(Fields& fields, size_t bytes, bool is_unsigned) {
  const uint64_t value = fields.little(bytes);
  if (is_unsigned) return std::to_string(value);
  const int spare = static_cast<int>(64 - 8 * bytes);
  return std::to_string(static_cast<int64_t>(value << spare) >> spare);
}

std::string datetime_text(Fields& fields) {
  const uint64_t size = fields.little(1);
  uint64_t v[7] = {};
  if (size >= 4) v[0] = fields.little(2), v[1] = fields.little(1), v[2] = fields.little(1);
  if (size >= 7) v[3] = fields.little(1), v[4] = fields.little(1), v[5] = fields.little(1);
  if (size == 11) v[6] = fields.little(4);
  fields.bad = fields.bad || (size != 0 && size != 4 && size != 7 && size != 11);
  char text[160];
  std::snprintf(text, sizeof text, "%lu-%lu-%lu %lu:%lu:%lu.%lu", v[0], v[1], v[2], v[3], v[4],
                v[5], v[6]);
  return text;
}

std::string time_text(Fields& fields) {
  const uint64_t size = fields.little(1);
  uint64_t v[6] = {};
  if (size >= 8) {
    v[0] = fields.little(1), v[1] = fields.little(4), v[2] = fields.little(1);
    v[3] = fields.little(1), v[4] = fields.little(1);
  }
  if (size == 12) v[5] = fields.little(4);
  fields.bad = fields.bad || (size != 0 && size != 8 && size != 12);
  char text[160];
  std::snprintf(text, sizeof text, "%s%lud%lu:%lu:%lu.%lu", v[0] != 0 ? "-" : "", v[1], v[2], v[3],
                v[4], v[5]);
  return text;
}

std::string binary_text(Fields& fields, const ColumnSeen& column) {
  const bool is_unsigned = (column.flags & 32) != 0;
  switch (column.type) {
    case 1: return integer_text(fields, 1, is_unsigned);
    case 2:
    case 13: return integer_text(fields, 2, is_unsigned);
    case 3:
    case 9: return integer_text(fields, 4, is_unsigned);
    case 8: return integer_text(fields, 8, is_unsigned);
    case 4: return std::to_string(std::bit_cast<float>(static_cast<uint32_t>(fields.little(4))));
    case 5: return std::to_string(std::bit_cast<double>(fields.little(8)));
    case 7:
    case 10:
    case 12: return datetime_text(fields);
    case 11: return time_text(fields);
    default: return fields.text();
  }
}

bool read_row(std::string_view payload, bool binary, ResultSeen& into) {
  auto& row = into.rows.emplace_back();
  Fields fields(payload);
  const size_t count = into.columns.size();
  std::string_view nulls;
  if (binary) {
    if (fields.little(1) != 0) return false;
    nulls = fields.take((count + 9) / 8);
  }
  for (size_t i = 0; i < count && !fields.bad; ++i) {
    const bool null =
        binary ? (nulls[(i + 2) / 8] >> (i + 2) % 8 & 1) != 0 : fields.left.starts_with('\xfb');
    if (null && !binary) (void)fields.take(1);
    if (null) {
      row.emplace_back(std::nullopt);
    } else {
      row.emplace_back(binary ? binary_text(fields, into.columns[i]) : fields.text());
    }
  }
  return !fields.bad && fields.left.empty();
}

// `count` definitions and the EOF behind them.
bool read_columns(WireClient& client, uint64_t count, std::vector<ColumnSeen>& into) {
  for (uint64_t i = 0; i < count; ++i) {
    const auto payload = client.receive();
    if (!payload || !read_column(*payload, into.emplace_back())) return false;
  }
  if (!wants_eof(client)) return true;
  const auto eof = client.receive();
  ResultSeen ignored;
  return eof && read_eof(*eof, ignored);
}

bool read_rows(WireClient& client, std::string_view head, bool binary, ResultSeen& into) {
  Fields fields(head);
  const uint64_t count = fields.lenenc();
  if (fields.bad || !fields.left.empty() || !read_columns(client, count, into.columns)) {
    return false;
  }
  while (true) {
    const auto payload = client.receive();
    if (!payload || payload->empty()) return false;
    if ((*payload)[0] == '\xff') {
      into.error = error_in(*payload);
      return true;
    }
    if ((*payload)[0] == '\xfe' && payload->size() < 0xffffff) {
      return wants_eof(client) ? read_eof(*payload, into) : read_ok(client, *payload, into);
    }
    if (!read_row(*payload, binary, into)) return false;
  }
}

bool read_result(WireClient& client, bool binary, ResultSeen& into) {
  const auto head = client.receive();
  if (!head || head->empty()) return false;
  if ((*head)[0] == '\xff') {
    into.error = error_in(*head);
    return true;
  }
  if ((*head)[0] == '\0') return read_ok(client, *head, into);
  return read_rows(client, *head, binary, into);
}

}  // namespace

std::vector<ResultSeen> read_answer(WireClient& client, bool binary) {
  std::vector<ResultSeen> results;
  do {
    ResultSeen& seen = results.emplace_back();
    seen.well_formed = read_result(client, binary, seen);
  } while (results.back().well_formed && !results.back().error &&
           (results.back().status & kMoreResultsFlag) != 0);
  return results;
}

ResultSeen ask(WireClient& client, std::string_view sql) {
  if (!client.command('\x03', sql)) return {};
  return read_answer(client).front();
}

PreparedSeen prepare(WireClient& client, std::string_view sql) {
  PreparedSeen seen;
  if (!client.command('\x16', sql)) return seen;
  const auto head = client.receive();
  if (!head || head->empty()) return seen;
  if ((*head)[0] == '\xff') {
    seen.error = error_in(*head);
    return seen;
  }
  Fields fields(*head);
  (void)fields.take(1);
  seen.id = static_cast<uint32_t>(fields.little(4));
  const uint64_t columns = fields.little(2);
  seen.parameters = static_cast<uint16_t>(fields.little(2));
  (void)fields.take(1);
  seen.warnings = static_cast<uint16_t>(fields.little(2));
  std::vector<ColumnSeen> parameters;
  seen.well_formed = !fields.bad && fields.left.empty() &&
                     (seen.parameters == 0 || read_columns(client, seen.parameters, parameters)) &&
                     (columns == 0 || read_columns(client, columns, seen.columns));
  return seen;
}

}  // namespace aftersync::wire
