// Looking up names.
#include "core/sql/plan/name_scope.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

std::string text_of(const ColumnName& name) {
  std::string text;
  if (!name.schema.empty()) text += name.schema + ".";
  if (!name.table.empty()) text += name.table + ".";
  return text + name.column;
}

}  // namespace

std::optional<SqlError> NameScope::add(Source source) {
  for (const Source& other : sources_) {
    if (other.alias == source.alias && other.database == source.database) {
      return make_error(ErrorName::not_unique_table, {source.alias});
    }
  }
  CHECK(outputs_.empty());
  source.first_slot = slots_;
  source.needed.assign(source.columns.size(), false);
  slots_ += source.slots();
  sources_.push_back(std::move(source));
  return {};
}

bool NameScope::is_merged(uint32_t slot) const {
  return std::find(merged_.begin(), merged_.end(), slot) != merged_.end();
}

uint32_t NameScope::add_output(const std::string& name, const TypeInfo& type) {
  outputs_.push_back({name, type, slots_});
  return slots_++;
}

std::variant<BoundExpr, SqlError> NameScope::bind_here(
    const Expr& expr, std::vector<BoundAggregate>* aggregates) const {
  error_.reset();
  auto bound = sql::bind(expr, *this, session_, aggregates);
  if (std::holds_alternative<SqlError>(bound) && error_) return *std::move(error_);
  return bound;
}

std::optional<std::pair<uint32_t, TypeInfo>> NameScope::find_output(const ColumnName& name) const {
  if (!name.table.empty()) return {};
  for (const Output& output : outputs_) {
    if (same_name(output.name, name.column)) return std::pair{output.slot, output.type};
  }
  return {};
}

std::optional<std::pair<uint32_t, TypeInfo>> NameScope::find_in_tables(
    const ColumnName& name) const {
  std::optional<std::pair<uint32_t, TypeInfo>> found;
  for (size_t s = begin_; s < std::min(end_, sources_.size()); ++s) {
    Source& source = sources_[s];
    if (!name.table.empty() && name.table != source.alias) continue;
    if (!name.schema.empty() && name.schema != source.database) continue;
    for (uint32_t i = 0; i < source.columns.size(); ++i) {
      const uint32_t slot = source.first_slot + i;
      if (!same_name(source.columns[i].name, name.column)) continue;
      if (name.table.empty() && is_merged(slot)) continue;
      if (found) {
        error_ = make_error(ErrorName::ambiguous_column, {text_of(name), clause_});
        return {};
      }
      found = {slot, source.columns[i].type};
      source.needed[i] = true;
    }
  }
  return found;
}

std::optional<std::pair<uint32_t, TypeInfo>> NameScope::find(const ColumnName& name) const {
  if (error_) return {};
  if (outputs_use_ == Outputs::before_columns) {
    if (const auto found = find_output(name)) return found;
  }
  if (const auto found = find_in_tables(name)) return found;
  if (error_) return {};
  if (outputs_use_ == Outputs::after_columns) {
    if (const auto found = find_output(name)) return found;
  }
  error_ = make_error(ErrorName::unknown_column, {text_of(name), clause_});
  return {};
}

std::optional<std::pair<uint32_t, TypeInfo>> NameScope::find_inserted(
    const ColumnName& name) const {
  for (const Source& source : sources_) {
    if (source.alias != kInsertedAlias) continue;
    for (uint32_t i = 0; i < source.columns.size(); ++i) {
      if (!same_name(source.columns[i].name, name.column)) continue;
      return std::pair{source.first_slot + i, source.columns[i].type};
    }
  }
  return {};
}

std::optional<uint32_t> NameScope::find_column(const ColumnName& name) const {
  error_.reset();
  const auto found = find_in_tables(name);
  if (!found) return {};
  return found->first;
}

const Source& NameScope::source_of(uint32_t slot) const {
  for (const Source& source : sources_) {
    if (source.has_slot(slot)) return source;
  }
  CHECK(false);
  return sources_[0];
}

const ResultColumn& NameScope::column_of(uint32_t slot) const {
  const Source& source = source_of(slot);
  return source.columns[slot - source.first_slot];
}

void NameScope::need_all(size_t source) const {
  sources_[source].needed.assign(sources_[source].columns.size(), true);
}

}  // namespace aftersync::sql
