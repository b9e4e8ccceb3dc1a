// ResultWriter: the answer to one command, written as it comes to be.
//
// An answer is one or more results, each either an OK, or rows, or an error, which ends the answer:
//
//   OK                                         no rows
//   count, columns [EOF], rows, EOF or OK      rows; without the first EOF, and OK in place of the
//                                              last, with kDeprecateEof
//   ERR                                        also in place of further rows
//
// More results follow where an OK or the end of rows says so. Rows go out as they are written: what
// is kept is PacketStream's buffer, however many there are.
//
// Every call returns the Status of the connection: when it is not OK there is nobody left to
// answer, and the command should end. The handler must give each command a whole answer (CHECKed).
#pragma once

#include <span>
#include <string_view>

#include "core/wire/answer_packets.h"
#include "core/wire/column.h"
#include "core/wire/packet_stream.h"

namespace aftersync::wire {

enum class RowForm : uint8_t { text, binary };
enum class Then : uint8_t { done, more_results };

class ResultWriter {
 public:
  ResultWriter(PacketStream& packets, uint32_t capabilities, RowForm form)
      : packets_(packets), capabilities_(capabilities), form_(form) {}

  Status ok(const Outcome& outcome, Then then = Then::done);
  Status error(const ServerError& error);

  // Begins rows. `columns` (at least one) must live until end(). `status` is for the EOF behind the
  // columns.
  Status begin(std::span<const ColumnDefinition> columns, uint16_t status);
  // Code::invalid_argument for a row that does not fit the columns: nothing of it has been sent,
  // and the answer may still end with error().
  Status row(std::span<const Cell> cells);
  Status end(const Outcome& outcome, Then then = Then::done);

  // Answers of their own form: COM_FIELD_LIST and COM_STATISTICS.
  Status field_list(std::span<const ColumnDefinition> columns, uint16_t status);
  Status text(std::string_view line);

  [[nodiscard]] bool finished() const { return state_ == State::finished; }
  [[nodiscard]] uint32_t capabilities() const { return capabilities_; }
  [[nodiscard]] RowForm form() const { return form_; }

 private:
  enum class State : uint8_t { between_results, in_rows, finished };

  Status finish(const Outcome& outcome, Then then, uint8_t header);

  PacketStream& packets_;
  const uint32_t capabilities_;
  const RowForm form_;
  State state_ = State::between_results;
  std::span<const ColumnDefinition> columns_;
};

// COM_STMT_PREPARE_OK, behind it a definition for each parameter and each column:
//   u8 0, u32 statement, u16 columns, u16 parameters, u8 0, u16 warnings
// Each of the two lists ends with EOF where the client does not have kDeprecateEof.
Status write_prepared(PacketStream& packets, uint32_t capabilities, uint32_t statement_id,
                      size_t parameters, std::span<const ColumnDefinition> columns,
                      const Outcome& outcome);

}  // namespace aftersync::wire
