// Storing: one value on its way into a column, with all that may be wrong with it.
//
// Each step returns what is stored when the statement goes on; whether it does is the diagnostics'
// to say. Inside of sql/value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/sql/value/column_codec.h"

namespace aftersync::sql {

class Storing {
 public:
  Storing(const ColumnCodec& column, const TypeInfo& from, StoreContext& context)
      : column_(column), from_(from), context_(context) {}

  storage::Value run(const Value& value);

 private:
  // How a text or number is no date, time or number of the column's range.
  enum class Trouble : uint8_t { none, truncated, out_of_range };

  // An error where strict, else a warning.
  void trouble(ErrorName name);
  void bad_value(std::string_view type, std::string_view shown);
  // Digits or spaces of no importance were lost.
  void note();
  [[nodiscard]] std::string row() const { return std::to_string(context_.row_number); }

  storage::Value null();
  // Whole numbers, wider than any column.
  __int128 whole(const Value& value, bool& in_range);
  __int128 whole_of_text(const std::string& text, bool& in_range);
  storage::Value integer(const Value& value);
  storage::Value year(const Value& value);
  storage::Value decimal(const Value& value);
  storage::Value real(const Value& value);
  double clipped_real(double value);
  storage::Value text(const Value& value);
  storage::Value bytes(const Value& value);
  void too_long(std::string_view rest, bool spaces_matter);

  std::optional<Temporal> datetime_of(const Value& value, Trouble& trouble) const;
  std::optional<Temporal> time_of(const Value& value, Trouble& trouble) const;
  void bad_time(std::string_view type, const Value& value, Trouble trouble);
  // Zero parts that the mode does not allow; then the zero date is stored.
  [[nodiscard]] bool forbidden_zero(const Temporal& value) const;
  storage::Value date_or_datetime(const Value& value);
  storage::Value time(const Value& value);

  const ColumnCodec& column_;
  const TypeInfo& from_;
  StoreContext& context_;
};

}  // namespace aftersync::sql
