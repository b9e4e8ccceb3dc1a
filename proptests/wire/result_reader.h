// Answers as a client sees them: results taken apart from the manual's tables, values and all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proptests/wire/wire_client.h"

namespace aftersync::wire {

struct ColumnSeen {
  std::string schema, table, name;
  uint16_t collation = 0;
  uint32_t length = 0;
  uint8_t type = 0;
  uint16_t flags = 0;
  uint8_t decimals = 0;
};

// One result: an OK, rows, or an error. Values as text, NULL as nothing; binary ones printed so
// that they compare: integers in decimal, times as "Y-M-D h:m:s.u" and "[-]DdH:M:S.u".
struct ResultSeen {
  bool well_formed = false;
  std::optional<ErrorSeen> error;
  std::vector<ColumnSeen> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  uint64_t affected_rows = 0, last_insert_id = 0;
  uint16_t status = 0, warnings = 0;
  std::string info;
  std::vector<std::pair<int, std::string>> changes;  // type, data as it came
};

// All results of one answer. A result that is not well formed, or a connection that ends, is last.
[[nodiscard]] std::vector<ResultSeen> read_answer(WireClient& client, bool binary = false);
// For answers of one result.
[[nodiscard]] ResultSeen ask(WireClient& client, std::string_view sql);

struct PreparedSeen {
  std::optional<ErrorSeen> error;
  uint32_t id = 0;
  uint16_t parameters = 0, warnings = 0;
  std::vector<ColumnSeen> columns;
  bool well_formed = false;
};
[[nodiscard]] PreparedSeen prepare(WireClient& client, std::string_view sql);

}  // namespace aftersync::wire
