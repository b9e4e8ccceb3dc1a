// Conversion is the codec's; what is decided here is which value.
#include "core/sql/exec/row_builder.h"

#include <algorithm>

namespace aftersync::sql {

RowBuilder::RowBuilder(StatementRun& run, const OpenTable& table, bool ignore)
    : run_(run), table_(table), store_(run.store_context(ignore)) {}

bool RowBuilder::assign(storage::Row& row, uint32_t column, const Value& value,
                        const TypeInfo& type) {
  auto stored = table_.codecs[column].store(value, type, store_);
  if (!stored || !run_.ok()) return false;
  row[column] = *std::move(stored);
  return true;
}

bool RowBuilder::assign_default(storage::Row& row, uint32_t column) {
  const Column& definition = table_.schema.columns[column];
  if (table_.defaults[column]) {
    row[column] = *table_.defaults[column];
    return true;
  }
  if (definition.default_value) return assign_now(row, column);
  if (definition.nullable) {
    row[column] = storage::Value();
    return true;
  }
  row[column] = table_.codecs[column].implicit_default();
  if (definition.auto_increment) return true;
  if (store_.mode.strict) return run_.fail(ErrorName::column_no_default, {definition.name});
  run_.diagnostics.warn(ErrorName::column_no_default, {definition.name});
  return true;
}

bool RowBuilder::assign_now(storage::Row& row, uint32_t column) {
  Temporal now = run_.now;
  now.decimals =
      static_cast<uint8_t>(std::max<int64_t>(table_.schema.columns[column].type.length, 0));
  // CURRENT_TIMESTAMP(n) cuts off what is behind.
  uint32_t unit = 1000000;
  for (int i = 0; i < now.decimals; ++i) unit /= 10;
  now.micros -= now.micros % unit;
  return assign(row, column, now, TypeInfo{.type = TypeClass::datetime, .decimals = now.decimals});
}

Value RowBuilder::load(const storage::Row& row, uint32_t column) const {
  const storage::ValueView view =
      std::visit([](const auto& held) -> storage::ValueView { return held; }, row[column]);
  return table_.codecs[column].load(view, run_.session.settings().time_zone_offset_s);
}

}  // namespace aftersync::sql
