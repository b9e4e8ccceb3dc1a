// Tables as InnoDB sees them, without pages: a clustered index whose records are lists of versions,
// and secondary indexes whose entries can be delete-marked.
//
// Deleting only marks: a version says "deleted", an entry is marked. Records leave the indexes by
// purge, or when the insert that made them is rolled back (manual 17.3 "InnoDB Multi-Versioning").
// A table without a primary key is clustered by a hidden row id (17.6.2.1), here a hidden last
// column.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/table/table_model.h"
#include "model/txn/lock_table.h"
#include "model/txn/transaction.h"

namespace aftersync::model::txn {

struct Schema {
  std::string name;
  std::vector<std::string> columns;
  TableDef def;

  // CHECK: there is such a column.
  [[nodiscard]] size_t column(std::string_view column_name) const;
  [[nodiscard]] bool hidden_key() const { return def.primary_key.empty(); }
};

struct Version {
  TransactionId writer = 0;
  bool deleted = false;
  Row row;  // the hidden row id included
  bool passed_by = false;  // a deletion that purge has met under a newer version
};

using Versions = std::vector<Version>;  // oldest first; never empty

// Index 0 is the clustered one, index n the n-th secondary one.
inline constexpr size_t kClustered = 0;

class Table {
 public:
  // Registers its indexes with `locks`.
  Table(TableId id, Schema schema, LockTable& locks);

  [[nodiscard]] TableId id() const { return id_; }
  [[nodiscard]] const Schema& schema() const { return schema_; }
  [[nodiscard]] size_t index_count() const { return indexes_.size(); }
  // CHECK: there is such an index. "PRIMARY" is the clustered one.
  [[nodiscard]] size_t index_named(std::string_view name) const;
  [[nodiscard]] const std::string& index_name(size_t index) const { return indexes_[index].name; }
  [[nodiscard]] bool unique(size_t index) const { return indexes_[index].unique; }
  // The index's own columns: what `unique` is about.
  [[nodiscard]] size_t own_parts(size_t index) const { return indexes_[index].own_parts; }
  // The own columns, and after them those of the clustered key that are not among them.
  [[nodiscard]] const std::vector<KeyPart>& parts(size_t index) const {
    return indexes_[index].parts;
  }
  // Whether the index holds all columns of the table.
  [[nodiscard]] bool covering(size_t index) const;

  [[nodiscard]] Row key_of(size_t index, const Row& row) const;
  // The row, from an entry of a covering index.
  [[nodiscard]] Row covered_row(size_t index, const Row& key) const;
  // The clustered key that an entry of an index refers to.
  [[nodiscard]] Row clustered_key(size_t index, const Row& key) const;
  // Adds the hidden row id, if this table has one.
  [[nodiscard]] Row with_row_id(Row row);
  // Compares as many parts as the shorter one has.
  [[nodiscard]] std::weak_ordering compare_prefix(size_t index, const Row& a, const Row& b) const;

  [[nodiscard]] RecordId record(size_t index, const std::optional<Row>& key) const {
    return {indexes_[index].id, key};
  }
  // The index among this table's that `id` is, if it is one of them.
  [[nodiscard]] std::optional<size_t> index_of(IndexId id) const;

  // Keys in order, marked or not. An absent bound is the index's end.
  [[nodiscard]] std::optional<Row> first(size_t index, const Row& from, bool inclusive) const;
  [[nodiscard]] std::optional<Row> last(size_t index, const Row& to, bool inclusive) const;
  [[nodiscard]] bool contains(size_t index, const Row& key) const;

  // nullptr when there is no such record.
  [[nodiscard]] Versions* versions(const Row& key);
  [[nodiscard]] const std::map<Row, Versions, KeyLess>& clustered() const { return clustered_; }
  // The largest writer_number of those who have changed the index.
  [[nodiscard]] uint64_t last_changed_by(size_t index) const { return indexes_[index].changed_by; }
  void set_changed_by(size_t index, uint64_t writer_number) {
    indexes_[index].changed_by = std::max(indexes_[index].changed_by, writer_number);
  }
  [[nodiscard]] SecondaryEntry* entry(size_t index, const Row& key);
  [[nodiscard]] const std::map<Row, SecondaryEntry, KeyLess>& entries(size_t index) const {
    return indexes_[index].entries;
  }

  // New records. CHECK: not there. Locks are inherited from the successor.
  void insert_record(const Row& key, Version version, LockTable& locks);
  void insert_entry(size_t index, const Row& key, SecondaryEntry entry, LockTable& locks);
  // Removes a record of any index; its locks pass to the successor.
  void remove(size_t index, const Row& key, LockTable& locks);

 private:
  struct Index {
    std::string name;
    bool unique = false;
    size_t own_parts = 0;
    std::vector<KeyPart> parts;
    IndexId id = 0;
    std::map<Row, SecondaryEntry, KeyLess> entries;  // of secondary indexes
    uint64_t changed_by = 0;                         // see last_changed_by
  };

  void add_index(const IndexDef& def, LockTable& locks);
  [[nodiscard]] KeyLess order_of(const std::vector<KeyPart>& parts) const;
  void inherit(size_t index, const Row& key, LockTable& locks) const;

  TableId id_;
  Schema schema_;
  std::vector<Index> indexes_;
  std::map<Row, Versions, KeyLess> clustered_;
  int64_t next_row_id_ = 1;
};

}  // namespace aftersync::model::txn
