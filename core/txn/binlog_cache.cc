// BinlogCache: rows into events.
#include "core/txn/binlog_cache.h"

#include <chrono>
#include <utility>

#include "core/base/check.h"
#include "core/base/fault.h"

namespace aftersync::txn {

using binlog::ColumnSet;
using binlog::EventType;
using binlog::RowsKind;
using storage::Row;

namespace {

Status check_columns(const LoggedTable& logged, const storage::TableDef& def, const Row* row) {
  if (row == nullptr) return {};
  if (logged.columns.size() == def.columns.size() && row->size() == def.columns.size()) return {};
  return {Code::invalid_argument, def.name + ": " + std::to_string(row->size()) + " values, " +
                                      std::to_string(logged.columns.size()) +
                                      " columns as the binlog has it, " +
                                      std::to_string(def.columns.size()) + " in storage"};
}

}  // namespace

BinlogCache::BinlogCache(Clock& clock, const BinlogCacheOptions& options)
    : clock_(clock), options_(options), events_(options.checksum) {}

binlog::EventHeader BinlogCache::header_of(EventType type) const {
  binlog::EventHeader header;
  const auto now = clock_.wall_now().time_since_epoch();
  header.timestamp =
      static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  header.type = type;
  header.server_id = gtid_next_.server_id != 0 ? gtid_next_.server_id : options_.server_id;
  return header;
}

// --- telling ---

Status BinlogCache::insert(const LoggedTable& logged, const storage::Table& table,
                           const Row& after) {
  return change(RowsKind::write, logged, table, nullptr, &after);
}

Status BinlogCache::update(const LoggedTable& logged, const storage::Table& table,
                           const Row& before, const Row& after) {
  return change(RowsKind::update, logged, table, &before, &after);
}

Status BinlogCache::remove(const LoggedTable& logged, const storage::Table& table,
                           const Row& before) {
  return change(RowsKind::remove, logged, table, &before, nullptr);
}

Status BinlogCache::change(RowsKind kind, const LoggedTable& logged, const storage::Table& table,
                           const Row* before, const Row* after) {
  CHECK(!is_definition_);
  const storage::TableDef& def = table.def();
  RETURN_IF_ERROR(check_columns(logged, def, before));
  RETURN_IF_ERROR(check_columns(logged, def, after));
  // How a change came to be in the engine and not in the binlog in real servers: a path that
  // forgets to tell.
  if (kind == RowsKind::remove && AFTERSYNC_FAULT("bug/binlog-misses-row")) return {};
  ColumnSet before_columns;
  ColumnSet after_columns;
  binlog::RowImage image_before;
  binlog::RowImage image_after;
  if (before != nullptr) {
    before_columns = columns_before(def);
    ASSIGN_OR_RETURN(image_before, before_maker_.make(logged, def, *before, before_columns));
  }
  if (after != nullptr) {
    after_columns = columns_after(def, before, *after);
    ASSIGN_OR_RETURN(image_after, after_maker_.make(logged, def, *after, after_columns));
  }
  const uint64_t pending = rows_ ? rows_->body().size() : 0;
  if (events_.size() + pending > options_.max_bytes) {
    return {Code::too_large,
            "Multi-statement transaction required more than 'max_binlog_cache_size' bytes of "
            "storage; increase this mysqld variable and try again"};
  }
  const bool goes_on = rows_ && pending < options_.row_event_bytes && kind_ == kind &&
                       table_ == table.id().value() && before_columns_ == before_columns &&
                       after_columns_ == after_columns;
  if (!goes_on) begin_rows(kind, logged, table, before_columns, after_columns);
  if (before != nullptr) rows_->append(image_before);
  if (after != nullptr) rows_->append(image_after);
  return {};
}

// The event before stays the last of its statement's until there is another one: whoever ends the
// statement finds it here, and can say so in it.
void BinlogCache::begin_rows(RowsKind kind, const LoggedTable& logged, const storage::Table& table,
                             const ColumnSet& before, const ColumnSet& after) {
  const uint64_t id = table.id().value();
  const bool same_table = rows_ && table_ == id;
  end_rows(!same_table);
  if (!same_table) {
    binlog::TableMap map;
    map.table_id = id;
    map.database = logged.database;
    map.table = logged.name;
    map.columns = logged.columns;
    map.optional_metadata = logged.optional_metadata;
    events_.add(header_of(EventType::table_map), map.encode());
  }
  kind_ = kind;
  table_ = id;
  before_columns_ = before;
  after_columns_ = after;
  rows_.emplace(kind, id, false, before, after);
}

void BinlogCache::end_rows(bool ends_statement) {
  if (!rows_) return;
  if (ends_statement) rows_->end_statement();
  const bool is_exact = rows_->body().size() == options_.row_event_bytes;
  if (!is_exact || !AFTERSYNC_FAULT("bug/cache-boundary")) {
    events_.add(header_of(rows_->type()), rows_->body());
  }
  rows_.reset();
}

void BinlogCache::end_statement() { end_rows(true); }

// --- which columns ---

ColumnSet BinlogCache::columns_before(const storage::TableDef& def) const {
  ColumnSet columns(def.columns.size(), true);
  const auto& key = def.indexes[0].parts;
  if (options_.images == RowImages::full || key.empty()) return columns;
  columns.assign(columns.size(), false);
  for (const storage::KeyPart& part : key) columns[part.column] = true;
  return columns;
}

ColumnSet BinlogCache::columns_after(const storage::TableDef& def, const Row* before,
                                     const Row& after) const {
  ColumnSet columns(def.columns.size(), true);
  if (options_.images == RowImages::full || before == nullptr) return columns;
  bool any = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i] = (*before)[i] != after[i];
    any = any || columns[i];
  }
  // An image of no columns cannot be told from no image.
  if (!any) columns[0] = true;
  return columns;
}

// --- the whole of it ---

void BinlogCache::define(const binlog::QueryEvent& statement) {
  CHECK(empty());
  is_definition_ = true;
  binlog::EventHeader header = header_of(EventType::query);
  if (statement.database.empty()) header.flags = binlog::kSuppressUse;
  events_.add(header, statement.encode());
}

uint64_t BinlogCache::position() {
  end_statement();
  return events_.size();
}

void BinlogCache::truncate(uint64_t position) {
  rows_.reset();
  events_.truncate(position);
}

void BinlogCache::clear() {
  truncate(0);
  is_definition_ = false;
  gtid_next_ = {};
}

}  // namespace aftersync::txn
