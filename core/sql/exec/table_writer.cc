// One row at a time.
#include "core/sql/exec/table_writer.h"

#include "core/txn/locking_read.h"

namespace aftersync::sql {

namespace {

storage::ValueView view_of(const storage::Value& value) {
  return std::visit([](const auto& held) -> storage::ValueView { return held; }, value);
}

}  // namespace

TableWriter::TableWriter(StatementRun& run, const OpenTable& table, bool goes_on,
                         txn::LockMode on_duplicate)
    : run_(run),
      table_(table),
      goes_on_(goes_on),
      writer_(run.transaction(), *table.storage, on_duplicate) {}

TableWriter::Outcome TableWriter::insert(const storage::Row& row) {
  Status status = goes_on_ ? run_.transaction().savepoint(kRowSavepoint) : Status();
  if (status.ok()) status = writer_.insert(row);
  const Outcome outcome = finish(status, row);
  if (outcome == Outcome::done && !run_.log(table_, nullptr, &row)) return Outcome::failed;
  return outcome;
}

TableWriter::Outcome TableWriter::update(const std::string& clustered_key,
                                         const storage::Row& before, const storage::Row& after) {
  Status status = goes_on_ ? run_.transaction().savepoint(kRowSavepoint) : Status();
  if (status.ok()) status = writer_.update(clustered_key, after);
  const Outcome outcome = finish(status, after);
  if (outcome == Outcome::done && !run_.log(table_, &before, &after)) return Outcome::failed;
  return outcome;
}

bool TableWriter::remove(const std::string& clustered_key, const storage::Row& before) {
  const Status status = writer_.remove(clustered_key);
  if (!status.ok()) return run_.fail(status, table_.schema.name);
  return run_.log(table_, &before, nullptr);
}

TableWriter::Outcome TableWriter::finish(const Status& status, const storage::Row& row) {
  if (status.ok()) return Outcome::done;
  if (status.code() != Code::duplicate_key) {
    run_.fail(status, table_.schema.name);
    return Outcome::failed;
  }
  const Result<size_t> index = table_.storage->find_index(status.message());
  duplicate_index_ = index.ok() ? *index : 0;
  error_ = duplicate_error(row, duplicate_index_);
  if (!goes_on_) {
    run_.fail(error_);
    return Outcome::failed;
  }
  const Status back = run_.transaction().rollback_to(kRowSavepoint);
  if (back.ok()) return Outcome::duplicate;
  run_.fail(back, table_.schema.name);
  return Outcome::failed;
}

SqlError TableWriter::duplicate_error(const storage::Row& row, size_t index) {
  const Index& of = table_.schema.indexes[index];
  std::string entry;
  for (const IndexColumn& part : of.parts) {
    if (!entry.empty()) entry += '-';
    const ColumnCodec& codec = table_.codecs[part.column];
    const Value value =
        codec.load(view_of(row[part.column]), run_.session.settings().time_zone_offset_s);
    std::string text = to_text(value, codec.type_info());
    if (part.prefix_chars != 0) {
      text = storage::first_chars(codec.type_info().collation, text, part.prefix_chars);
    }
    entry += text;
  }
  return make_error(ErrorName::duplicate_entry, {entry, table_.schema.name + "." + of.name});
}

std::optional<TableWriter::Found> TableWriter::row_in_the_way(const storage::Row& row) {
  Result<std::optional<Found>> found = find_in_the_way(row);
  if (!found.ok()) {
    run_.fail(found.status(), table_.schema.name);
    return {};
  }
  return *std::move(found);
}

Result<std::optional<TableWriter::Found>> TableWriter::find_in_the_way(const storage::Row& row) {
  txn::Transaction& transaction = run_.transaction();
  std::string key;
  RETURN_IF_ERROR(table_.storage->append_key(duplicate_index_, row, key));
  if (duplicate_index_ == 0) {
    ASSIGN_OR_RETURN(std::optional<storage::Row> found,
                     txn::locking_get(transaction, *table_.storage, key, txn::LockMode::x));
    if (!found) return std::optional<Found>();
    return std::optional<Found>({key, *std::move(found)});
  }
  txn::LockingScan scan(transaction, *table_.storage, duplicate_index_,
                        {key, storage::key_successor(key)}, txn::LockMode::x, txn::OnBusy::wait,
                        txn::LockingScan::Direction::forward, txn::LockingScan::Match::equal);
  ASSIGN_OR_RETURN(const bool found, scan.next());
  if (!found) return std::optional<Found>();
  return std::optional<Found>({scan.clustered_key(), scan.row()});
}

}  // namespace aftersync::sql
