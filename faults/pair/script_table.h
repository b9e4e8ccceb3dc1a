// ScriptTable: a table of the isolation model's scripts, as the engine has it.
//
// The model says what the table looks like and which ranges of which index a statement scans
// (model/txn/where.h): that is the business of a planner, which is not judged here. Rows, keys and
// ranges are put into the engine's form, and what the engine says of keys is put back.
//
// A table without a primary key has row ids, which the model counts from 1 in each table and the
// engine draws from numbers that others draw as well: the n-th id that was seen is row n.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "core/storage/engine.h"
#include "core/txn/locking_read.h"
#include "model/txn/table.h"
#include "model/txn/where.h"

namespace aftersync::faults {

class ScriptTable {
 public:
  // Makes it in the engine, which calls it `name`.
  [[nodiscard]] static Result<std::unique_ptr<ScriptTable>> create(
      storage::Engine& engine, const std::string& name, model::txn::TableId id,
      const model::txn::Schema& schema);

  [[nodiscard]] storage::Table& table() { return *table_; }
  // What the model knows of it; it holds no rows.
  [[nodiscard]] const model::txn::Table& shape() const { return shape_; }

  [[nodiscard]] static storage::Row to_engine(const model::Row& row);
  [[nodiscard]] static model::Row to_model(const storage::Row& row);
  [[nodiscard]] txn::LockingScan::Range range_of(size_t index,
                                                 const model::txn::Range& range) const;
  [[nodiscard]] txn::LockingScan::Match match_of(size_t index,
                                                 const model::txn::Range& range) const;

  // The number of one of its indexes; empty if it is another table's.
  [[nodiscard]] std::optional<size_t> find_index(IndexId index) const;
  // A key of an index, as the model has it. CHECK: it is one.
  [[nodiscard]] model::Row key_of(size_t index, std::string_view encoded);
  // Of a table without a primary key: has a look at the ids that are there.
  Status see_row_ids();

 private:
  ScriptTable(std::shared_ptr<storage::Table> table, model::txn::TableId id,
              const model::txn::Schema& schema)
      : table_(std::move(table)), shape_(id, schema, unused_) {}

  [[nodiscard]] bool begins_behind_null(size_t index, const model::txn::Range& range) const;
  [[nodiscard]] std::string encode(size_t index, const model::Row& beginning) const;
  [[nodiscard]] int64_t row_number(std::string_view encoded);

  std::shared_ptr<storage::Table> table_;
  model::txn::LockTable unused_;
  const model::txn::Table shape_;
  std::set<std::string> row_ids_;  // encoded
};

}  // namespace aftersync::faults
