// Engine: rows by the million, into a tree that nobody uses yet: a new table, or a new index of an
// old one. Neither is in the catalog before it is full, so neither needs undo: what a crash leaves
// of it is removed at the next start.
#include <list>
#include <utility>

#include "core/base/coding.h"
#include "core/storage/bulk_load.h"
#include "core/storage/engine.h"
#include "core/storage/index_build.h"
#include "core/storage/long_value.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::storage {

namespace {

// One table being filled: the clustered tree in the order of the rows, the others by sorting.
class TableLoad {
 public:
  TableLoad(PageStore& store, RowStore& rows, Table& table, TrxId trx, size_t sort_bytes)
      : store_(store), table_(table), trx_(trx), clustered_(table.tree(0)) {
    for (size_t i = 1; i < table.indexes(); ++i) {
      secondary_.emplace_back(rows, table, i, sort_bytes / (table.indexes() - 1));
    }
  }

  // `hidden_row_id`: for a table without a primary key.
  Status add(const Row& row, uint64_t hidden_row_id) {
    const auto& columns = table_.def().columns;
    if (row.size() != columns.size()) {
      return {Code::invalid_argument, "a row of " + std::to_string(row.size()) + " values for " +
                                          std::to_string(columns.size()) + " columns"};
    }
    key_.clear();
    if (table_.has_hidden_row_id()) append_be(key_, hidden_row_id);
    RETURN_IF_ERROR(table_.append_key(0, row, key_));
    LongValue value(store_, table_.tree(0).root());
    RETURN_IF_ERROR(value.write(columns, row, key_.size(), trx_));
    value_.resize(kSystemBytes);
    store_system_columns(value_.data(), {trx_, RollPtr()});
    value_ += value.in_leaf();
    const Status added = clustered_.add(key_, value_, value.flags());
    if (added.code() == Code::duplicate_key) {
      return {Code::duplicate_key, table_.def().indexes[0].name};
    }
    RETURN_IF_ERROR(added);
    value.keep();
    for (IndexBuild& build : secondary_) RETURN_IF_ERROR(build.add(row, key_));
    return {};
  }

  Status finish() {
    RETURN_IF_ERROR(clustered_.finish().status());
    for (IndexBuild& build : secondary_) RETURN_IF_ERROR(build.finish());
    return {};
  }

 private:
  PageStore& store_;
  Table& table_;
  const TrxId trx_;
  BulkLoader clustered_;
  std::list<IndexBuild> secondary_;
  std::string key_;
  std::string value_;
};

}  // namespace

Status Engine::load_rows(const TableDef& def, const RowSource& next) {
  Row row;
  ASSIGN_OR_RETURN(bool more, next(row));
  if (!more) return {};
  Table table(*store_, def);
  ASSIGN_OR_RETURN(const uint64_t trx, system_.next_id());
  TableLoad load(*store_, rows_, table, TrxId(trx), options_.index_build_bytes);
  while (more) {
    uint64_t row_id = 0;
    if (table.has_hidden_row_id()) {
      ASSIGN_OR_RETURN(row_id, system_.next_id());
    }
    RETURN_IF_ERROR(load.add(row, row_id));
    ASSIGN_OR_RETURN(more, next(row));
  }
  return load.finish();
}

// The rows as they are now; the table's latch is held exclusively.
Status Engine::fill_index(Table& building, size_t index) {
  const TreeRoot& clustered = building.tree(0).root();
  IndexBuild build(rows_, building, index, options_.index_build_bytes);
  TreeCursor cursor(building.tree(0));
  ASSIGN_OR_RETURN(bool on_row, cursor.first());
  while (on_row) {
    const RecordView record = cursor.record();
    if (record.value.size() < kSystemBytes) {
      return {Code::corruption, "clustered record without system columns"};
    }
    if (!record.is_delete_marked()) {
      ASSIGN_OR_RETURN(
          const std::string bytes,
          LongValue::read(*store_, clustered, record.value.substr(kSystemBytes), record.flags));
      ASSIGN_OR_RETURN(const Row row, decode_row(building.def().columns, bytes));
      RETURN_IF_ERROR(build.add(row, record.key));
    }
    ASSIGN_OR_RETURN(on_row, cursor.next());
  }
  return build.finish();
}

}  // namespace aftersync::storage
