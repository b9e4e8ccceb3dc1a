// ResultSink: rows of SQL values as rows of the protocol.
//
// It writes one result of an answer. What the statement came to (OK, the end of the rows, or an
// error) is written by whoever ran it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/server/session_settings.h"
#include "core/sql/exec/row_sink.h"
#include "core/wire/result_writer.h"

namespace aftersync::server {

// What the protocol says of a column. `collation`: the number of the collation in which texts go
// to the client (character_set_results); bytes stay bytes.
[[nodiscard]] wire::ColumnDefinition column_definition(const sql::ResultColumn& column,
                                                       uint16_t collation);

class ResultSink : public sql::RowSink {
 public:
  // `status`: flags for the end of the column definitions.
  ResultSink(wire::ResultWriter& writer, uint16_t status, ResultCharset charset)
      : writer_(writer), status_(status), charset_(charset) {}

  Status begin(std::span<const sql::ResultColumn> columns) override;
  Status row(std::span<const sql::Value> values) override;

  [[nodiscard]] bool begun() const { return !definitions_.empty(); }
  [[nodiscard]] uint64_t rows() const { return rows_; }
  // Of the connection: once it is not OK, nobody is left to be answered.
  [[nodiscard]] const Status& broken() const { return broken_; }

 private:
  [[nodiscard]] wire::Cell cell(size_t column, const sql::Value& value);

  wire::ResultWriter& writer_;
  const uint16_t status_;
  const ResultCharset charset_;
  std::span<const sql::ResultColumn> columns_;
  std::vector<wire::ColumnDefinition> definitions_;
  std::vector<wire::Cell> cells_;
  std::vector<std::string> texts_;  // of what is not sent as it is, for the row that goes out
  uint64_t rows_ = 0;
  Status broken_;
};

}  // namespace aftersync::server
