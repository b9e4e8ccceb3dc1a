// Answers in the order of result_writer.h.
#include "core/wire/result_writer.h"

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/lenenc.h"
#include "core/wire/capability.h"
#include "core/wire/packet_format.h"
#include "core/wire/row_encoding.h"

namespace aftersync::wire {

namespace {

Status write_eof(PacketStream& packets, const Outcome& outcome) {
  append_eof(packets.begin_packet(), outcome);
  return packets.end_packet();
}

// Definitions and, for clients that want one, the EOF behind them.
Status write_columns(PacketStream& packets, uint32_t capabilities,
                     std::span<const ColumnDefinition> columns, const Outcome& outcome) {
  for (const ColumnDefinition& column : columns) {
    append_column_definition(packets.begin_packet(), column);
    RETURN_IF_ERROR(packets.end_packet());
  }
  if ((capabilities & capability::kDeprecateEof) != 0) return {};
  return write_eof(packets, outcome);
}

// What MySQL calls a parameter before it knows more of it.
ColumnDefinition unknown_parameter() {
  ColumnDefinition column;
  column.name = "?";
  column.flags = column_flag::kBinary;
  return column;
}

}  // namespace

Status ResultWriter::finish(const Outcome& outcome, Then then, uint8_t header) {
  Outcome said = outcome;
  if (then == Then::more_results) said.status |= server_status::kMoreResults;
  state_ = then == Then::more_results ? State::between_results : State::finished;
  columns_ = {};
  if (header == kEofHeader && (capabilities_ & capability::kDeprecateEof) == 0) {
    return write_eof(packets_, said);
  }
  append_ok(packets_.begin_packet(), said, capabilities_, header);
  return packets_.end_packet();
}

Status ResultWriter::ok(const Outcome& outcome, Then then) {
  CHECK(state_ == State::between_results);
  return finish(outcome, then, kOkHeader);
}

Status ResultWriter::error(const ServerError& error) {
  CHECK(state_ != State::finished);
  state_ = State::finished;
  append_error(packets_.begin_packet(), error, capabilities_);
  return packets_.end_packet();
}

Status ResultWriter::begin(std::span<const ColumnDefinition> columns, uint16_t status) {
  CHECK(state_ == State::between_results);
  CHECK(!columns.empty());
  state_ = State::in_rows;
  columns_ = columns;
  append_lenenc_integer(packets_.begin_packet(), columns.size());
  RETURN_IF_ERROR(packets_.end_packet());
  return write_columns(packets_, capabilities_, columns, {.status = status});
}

Status ResultWriter::row(std::span<const Cell> cells) {
  CHECK(state_ == State::in_rows);
  std::string& to = packets_.begin_packet();
  const Status status = form_ == RowForm::text ? append_text_row(to, columns_, cells)
                                               : append_binary_row(to, columns_, cells);
  if (!status.ok()) {
    packets_.abandon_packet();
    return status;
  }
  return packets_.end_packet();
}

Status ResultWriter::end(const Outcome& outcome, Then then) {
  CHECK(state_ == State::in_rows);
  return finish(outcome, then, kEofHeader);
}

Status ResultWriter::field_list(std::span<const ColumnDefinition> columns, uint16_t status) {
  CHECK(state_ == State::between_results);
  for (const ColumnDefinition& column : columns) {
    std::string& to = packets_.begin_packet();
    append_column_definition(to, column);
    to.push_back(static_cast<char>(kLenencNull));  // no default value
    RETURN_IF_ERROR(packets_.end_packet());
  }
  return finish({.status = status}, Then::done, kEofHeader);
}

Status ResultWriter::text(std::string_view line) {
  CHECK(state_ == State::between_results);
  state_ = State::finished;
  return packets_.send(line);
}

Status write_prepared(PacketStream& packets, uint32_t capabilities, uint32_t statement_id,
                      size_t parameters, std::span<const ColumnDefinition> columns,
                      const Outcome& outcome) {
  std::string& to = packets.begin_packet();
  to.push_back('\0');
  append_le(to, statement_id);
  append_le(to, static_cast<uint16_t>(columns.size()));
  append_le(to, static_cast<uint16_t>(parameters));
  to.push_back('\0');
  append_le(to, outcome.warnings);
  RETURN_IF_ERROR(packets.end_packet());
  if (parameters > 0) {
    const std::vector<ColumnDefinition> unknown(parameters, unknown_parameter());
    RETURN_IF_ERROR(write_columns(packets, capabilities, unknown, outcome));
  }
  if (columns.empty()) return {};
  return write_columns(packets, capabilities, columns, outcome);
}

}  // namespace aftersync::wire
