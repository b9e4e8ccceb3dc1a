// The parameters of a prepared statement, as COM_STMT_EXECUTE brings them.
//
//   u32     statement
//   u8      flags: 1 read-only cursor, 2 for update, 4 scrollable
//   u32     iterations: 1
//   and where the statement has parameters:
//   n       bitmap of NULLs, (parameters + 7) / 8 bytes, the first parameter at bit 0
//   u8      1: types follow; 0: those of the execution before hold
//   2 each  u8 type, u8 0x80 where unsigned
//   values  as in binary rows (row_encoding.h) of those that are neither NULL nor were sent before
//           by COM_STMT_SEND_LONG_DATA
//
// Types are sent once and remembered here: clients that repeat a statement leave them out.
// Source: MySQL Source Code Documentation, "COM_STMT_EXECUTE", "Binary Protocol Value".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/wire/column.h"

namespace aftersync::wire {

struct ParameterType {
  FieldType type = FieldType::null;
  bool is_unsigned = false;
};

// One value to put where a `?` stands. Views live as long as the packet and the statement's long
// data: until the answer has been given.
struct Parameter {
  ParameterType type{};
  Cell cell{};
};

inline constexpr uint8_t kCursorReadOnly = 0x01;
inline constexpr uint8_t kCursorForUpdate = 0x02;
inline constexpr uint8_t kCursorScrollable = 0x04;

// What the protocol remembers of one prepared statement.
class StatementParameters {
 public:
  explicit StatementParameters(size_t count) : count_(count) {}

  [[nodiscard]] size_t count() const { return count_; }

  // A piece of a long parameter. Code::invalid_argument for a parameter there is none of,
  // Code::too_large once all of them together exceed `limit_bytes`: both are remembered, and
  // returned again by the next execution, as COM_STMT_SEND_LONG_DATA has no answer.
  Status add_long_data(uint16_t parameter, std::string_view bytes, size_t limit_bytes);
  // COM_STMT_RESET, and after each execution.
  void drop_long_data();

  struct Execution {
    uint8_t flags = 0;
    std::vector<Parameter> parameters{};
  };
  // `payload` begins behind the statement's id. Code::invalid_argument for malformed packets and
  // for types left out that were never sent.
  [[nodiscard]] Result<Execution> bind(std::string_view payload);

 private:
  const size_t count_;
  std::vector<ParameterType> types_;  // empty until the first execution
  std::map<uint16_t, std::string> long_data_;
  size_t long_bytes_ = 0;
  Status long_problem_;
};

}  // namespace aftersync::wire
