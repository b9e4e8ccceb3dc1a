// The table's definition is taken as the statement that would make it; the actions edit that; and
// the result is resolved like any CREATE TABLE, so that there is one set of rules. Then either only
// indexes differ, which storage changes in place, or the rows are copied to a table of the new
// definition that takes the old one's place (Dictionary::rebuild_table).
//
// Everybody waits meanwhile (ALGORITHM and LOCK are taken as wishes).
#include "core/sql/exec/alter.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/exec/row_builder.h"
#include "core/sql/print/print.h"
#include "core/storage/row_cursor.h"

namespace aftersync::sql {

namespace {

struct NewColumn {
  ColumnSpec spec;
  std::optional<uint32_t> from;  // the column whose values it has
};

class AlterRun {
 public:
  AlterRun(StatementRun& run, std::shared_ptr<const OpenTable> table)
      : run_(run), old_(std::move(table)) {
    const TableSchema& schema = old_->schema;
    for (uint32_t i = 0; i < schema.columns.size(); ++i) {
      columns_.push_back({spec_of(schema.columns[i]), i});
    }
    for (const size_t i : schema.shown_indexes()) {
      indexes_.push_back(spec_of(schema, schema.indexes[i]));
    }
    options_ = definition_of(schema).options;
    if (old_->counter && old_->counter->next() > 1) {
      options_.emplace_back("AUTO_INCREMENT", std::to_string(old_->counter->next()));
    }
  }

  // --- actions ---

  bool operator()(const AddColumn& a) { return place({a.column, {}}, a.place, columns_.size()); }
  bool operator()(const ChangeColumn& a) {
    const auto found = find(a.old_name);
    if (found == columns_.end()) return unknown_column(a.old_name);
    const auto at = static_cast<size_t>(found - columns_.begin());
    NewColumn changed{a.column, found->from};
    columns_.erase(found);
    rename_parts(a.old_name, a.column.name);
    return place(std::move(changed), a.place, at);
  }
  bool operator()(const RenameColumn& a) {
    const auto found = find(a.from);
    if (found == columns_.end()) return unknown_column(a.from);
    found->spec.name = a.to;
    rename_parts(a.from, a.to);
    return true;
  }
  bool operator()(const AlterDefault& a) {
    const auto found = find(a.column);
    if (found == columns_.end()) return unknown_column(a.column);
    found->spec.default_value = a.value;
    return true;
  }
  bool operator()(const AddIndex& a) {
    indexes_.push_back(a.index);
    return true;
  }
  bool operator()(const DropElement& a) {
    switch (a.what) {
      case DropWhat::column: return drop_column(a.name);
      case DropWhat::index: return drop_index(a.name);
      case DropWhat::primary_key: return drop_index("PRIMARY");
      case DropWhat::foreign_key:
      case DropWhat::check: break;
    }
    return run_.fail(ErrorName::cannot_drop, {a.name});
  }
  bool operator()(const RenameIndex& a) {
    for (IndexSpec& index : indexes_) {
      if (!same_name(name_of(index), a.from)) continue;
      index.name = a.to;
      return true;
    }
    return run_.fail(ErrorName::no_such_index, {a.from, old_->schema.name});
  }
  bool operator()(const RenameTo& /*a*/) { return true; }    // by the caller
  bool operator()(const EnableKeys& /*a*/) { return true; }  // they are always kept
  bool operator()(const SetTableOptions& a) {
    for (const auto& [name, value] : a.options) {
      if (name == "ALGORITHM" || name == "LOCK") continue;
      if (name == "CONVERT TO CHARACTER SET") {
        return run_.fail(ErrorName::not_supported_yet, {name});
      }
      options_.emplace_back(name, value);
    }
    return true;
  }
  bool operator()(const AddForeignKey& /*a*/) {
    return run_.fail(ErrorName::not_supported_yet, {"FOREIGN KEY"});
  }
  bool operator()(const AddCheck& /*a*/) {
    return run_.fail(ErrorName::not_supported_yet, {"CHECK"});
  }

  // --- the result ---

  bool finish() {
    CreateTable text;
    text.name = {old_->schema.database, old_->schema.name};
    for (const NewColumn& column : columns_) text.elements.emplace_back(column.spec);
    for (const IndexSpec& index : indexes_) text.elements.emplace_back(index);
    text.options = options_;
    auto made = resolve_table(text, old_->schema.collation);
    if (auto* error = std::get_if<SqlError>(&made)) return run_.fail(std::move(*error));
    made_ = std::get<TableSchema>(std::move(made));
    return only_indexes_differ() ? change_indexes() : rebuild();
  }

 private:
  using Columns = std::vector<NewColumn>;

  Columns::iterator find(const std::string& name) {
    return std::find_if(columns_.begin(), columns_.end(),
                        [&](const NewColumn& column) { return same_name(column.spec.name, name); });
  }
  bool unknown_column(const std::string& name) {
    return run_.fail(ErrorName::unknown_column, {name, old_->schema.name});
  }
  static std::string name_of(const IndexSpec& index) {
    return index.kind == IndexKind::primary ? "PRIMARY" : index.name;
  }

  bool place(NewColumn column, const ColumnPlace& where, size_t otherwise) {
    size_t at = where.first ? 0 : otherwise;
    if (!where.after.empty()) {
      const auto found = find(where.after);
      if (found == columns_.end()) return unknown_column(where.after);
      at = static_cast<size_t>(found - columns_.begin()) + 1;
    }
    columns_.insert(columns_.begin() + static_cast<std::ptrdiff_t>(at), std::move(column));
    return true;
  }

  void rename_parts(const std::string& from, const std::string& to) {
    for (IndexSpec& index : indexes_) {
      for (IndexPart& part : index.parts) {
        if (same_name(part.column, from)) part.column = to;
      }
    }
  }

  // It goes from indexes as well, and an index of nothing else with it.
  bool drop_column(const std::string& name) {
    const auto found = find(name);
    if (found == columns_.end()) return run_.fail(ErrorName::cannot_drop, {name});
    columns_.erase(found);
    if (columns_.empty()) return run_.fail(ErrorName::cannot_drop_all_columns, {});
    for (IndexSpec& index : indexes_) {
      std::erase_if(index.parts,
                    [&](const IndexPart& part) { return same_name(part.column, name); });
    }
    std::erase_if(indexes_, [](const IndexSpec& index) { return index.parts.empty(); });
    return true;
  }

  bool drop_index(const std::string& name) {
    const size_t dropped = std::erase_if(
        indexes_, [&](const IndexSpec& index) { return same_name(name_of(index), name); });
    return dropped > 0 || run_.fail(ErrorName::cannot_drop, {name});
  }

  // What storage keeps as text is the same, and so is the clustered index; no index has changed
  // under its name.
  bool only_indexes_differ() const {
    const storage::TableDef before = storage_definition(old_->schema);
    TableSchema after_schema = made_;
    after_schema.first_auto_increment = old_->schema.first_auto_increment;
    if (asks_for_counter() || storage_definition(after_schema).owner_data != before.owner_data) {
      return false;
    }
    const auto same = [&](const Index& a, const Index& b) {
      return to_sql_of(old_->schema, a) == to_sql_of(made_, b);
    };
    if (!same(old_->schema.indexes[0], made_.indexes[0])) return false;
    return std::all_of(made_.indexes.begin(), made_.indexes.end(), [&](const Index& index) {
      const auto before_it = old_->schema.find_index(index.name);
      return !before_it || same(old_->schema.indexes[*before_it], index);
    });
  }
  static IndexSpec to_sql_of(const TableSchema& table, const Index& index) {
    return spec_of(table, index);
  }
  // AUTO_INCREMENT = n in the statement: behind what the constructor has put there.
  bool asks_for_counter() const {
    const auto named = std::count_if(options_.begin(), options_.end(), [](const auto& option) {
      return option.first == "AUTO_INCREMENT";
    });
    const bool of_old = old_->schema.first_auto_increment > 1;
    const bool of_counter = old_->counter && old_->counter->next() > 1;
    return named > int{of_old} + int{of_counter};
  }

  // New ones first: if one of them cannot be made, those before it go again.
  bool change_indexes() {
    Dictionary& dictionary = run_.session.dictionary();
    const TableName name{old_->schema.database, old_->schema.name};
    std::vector<std::string> added;
    for (const Index& index : made_.indexes) {
      if (index.is_hidden() || old_->schema.find_index(index.name)) continue;
      if (auto error = dictionary.add_index(name, index)) {
        for (const std::string& one : added) (void)dictionary.drop_index(name, one);
        return run_.fail(*std::move(error));
      }
      added.push_back(index.name);
    }
    for (const Index& index : old_->schema.indexes) {
      if (index.is_hidden() || made_.find_index(index.name)) continue;
      if (auto error = dictionary.drop_index(name, index.name)) {
        return run_.fail(*std::move(error));
      }
    }
    return true;
  }

  bool rebuild() {
    OpenTable target;
    target.schema = made_;
    for (const Column& column : made_.columns) {
      target.codecs.emplace_back(column.name, column.type, column.nullable);
      target.defaults.push_back(constant_default(column, target.codecs.back()));
    }
    RowBuilder builder(run_, target, false);
    storage::RowCursor cursor(run_.session.dictionary().engine().rows(), *old_->storage);
    uint64_t rows = 0;
    const auto next = [&](storage::Row& row) -> Result<bool> {
      ASSIGN_OR_RETURN(const bool on_row, rows == 0 ? cursor.first() : cursor.next());
      if (!on_row) return false;
      builder.set_row_number(++rows);
      if (run_.may_go_on() && convert(builder, target, cursor.row(), row)) return true;
      return {Code::invalid_argument, "a row that does not fit"};  // diagnostics know
    };
    if (auto error = run_.session.dictionary().rebuild_table(made_, next)) {
      return run_.fail(*std::move(error));
    }
    // MySQL changes other things in place, and counts no rows then.
    if (!converts()) rows = 0;
    run_.completed.affected_rows = rows;
    run_.completed.info = "Records: " + std::to_string(rows) + "  Duplicates: 0  Warnings: " +
                          std::to_string(run_.diagnostics.warning_count());
    return true;
  }

  // Whether a column has got another type.
  bool converts() const {
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto& from = columns_[i].from;
      if (from && made_.columns[i].type != old_->schema.columns[*from].type) return true;
    }
    return false;
  }

  bool convert(RowBuilder& builder, const OpenTable& target, const storage::Row& from,
               storage::Row& to) {
    to.assign(columns_.size(), storage::Value());
    const int32_t zone = run_.session.settings().time_zone_offset_s;
    for (uint32_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].from) {
        // Rows that are there get a value whatever the SQL mode says.
        if (target.schema.columns[i].default_value || target.schema.columns[i].nullable) {
          if (!builder.assign_default(to, i)) return false;
        } else {
          to[i] = target.codecs[i].implicit_default();
        }
        continue;
      }
      const uint32_t source = *columns_[i].from;
      if (made_.columns[i].type == old_->schema.columns[source].type &&
          !std::holds_alternative<std::monostate>(from[source])) {
        to[i] = from[source];
        continue;
      }
      const storage::ValueView view =
          std::visit([](const auto& held) -> storage::ValueView { return held; }, from[source]);
      const ColumnCodec& codec = old_->codecs[source];
      const Value value = codec.load(view, zone);
      if (is_null(value) && !target.schema.columns[i].nullable) {
        return run_.fail(ErrorName::invalid_use_of_null, {});
      }
      if (!builder.assign(to, i, value, codec.type_info())) return false;
    }
    return true;
  }

  StatementRun& run_;
  const std::shared_ptr<const OpenTable> old_;
  Columns columns_;
  std::vector<IndexSpec> indexes_;
  Options options_;
  TableSchema made_;
};

}  // namespace

bool alter_table(StatementRun& run, const TableName& name, const AlterTable& statement) {
  Dictionary& dictionary = run.session.dictionary();
  auto opened = dictionary.open_table(name.schema, name.table);
  if (auto* error = std::get_if<SqlError>(&opened)) return run.fail(std::move(*error));
  AlterRun alter(run, std::get<std::shared_ptr<const OpenTable>>(std::move(opened)));
  bool renames_only = true;
  for (const AlterAction& action : statement.actions) {
    if (!std::visit(alter, action)) return false;
    renames_only = renames_only && std::holds_alternative<RenameTo>(action);
  }
  if (!renames_only && !alter.finish()) return false;
  for (const AlterAction& action : statement.actions) {
    const auto* rename = std::get_if<RenameTo>(&action);
    if (rename == nullptr) continue;
    TableName to = rename->name;
    if (to.schema.empty()) to.schema = name.schema;
    if (auto error = dictionary.rename_table(name, to)) return run.fail(*std::move(error));
  }
  return true;
}

}  // namespace aftersync::sql
