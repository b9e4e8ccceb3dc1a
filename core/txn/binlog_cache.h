// BinlogCache: what a transaction has to say to the binlog, until it commits.
//
// Row changes are told one by one, as the statement makes them, and become events here: a table map
// when the table changes, then rows events of about row_event_bytes. The transaction owns the
// cache, and takes back what a failed statement, or ROLLBACK TO, has undone. Where a statement goes
// on to another table, its events say that a statement ends: replicas open the tables of a
// statement all at once, before its first row, so every map must stand before the rows.
//
// The whole of it is in memory, up to max_bytes: beyond that a change is refused (MySQL's error
// 1197), and the statement with it.
//
// Source: MySQL 8.0 manual, "Binary Logging Options and Variables" (binlog_row_image,
// binlog_row_event_max_size, max_binlog_cache_size).
// Thread safety: one task at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/event_buffer.h"
#include "core/binlog/gtid.h"
#include "core/binlog/row_events.h"
#include "core/binlog/transaction_events.h"
#include "core/platform/clock.h"
#include "core/txn/logged_table.h"
#include "core/txn/row_image.h"

namespace aftersync::txn {

// binlog_row_image. `minimal`: before, the columns of the primary key; after, those that have
// changed. A table without a primary key is logged in full.
enum class RowImages : uint8_t { full, minimal };

struct BinlogCacheOptions {
  uint32_t server_id = 1;
  binlog::Checksum checksum = binlog::Checksum::crc32;
  RowImages images = RowImages::full;
  uint64_t max_bytes = uint64_t{1} << 28;  // max_binlog_cache_size
  size_t row_event_bytes = 8192;           // binlog_row_event_max_size
};

// What gtid_next says. AUTOMATIC is the empty one.
struct GtidNext {
  std::optional<binlog::Gtid> given;  // 'UUID:NUMBER': of a transaction that comes from elsewhere
  uint32_t server_id = 0;             // where from; 0: from here
  uint64_t first_commit_us = 0;       // when it was committed there
};

class BinlogCache {
 public:
  BinlogCache(Clock& clock, const BinlogCacheOptions& options);

  // A row of the running statement has been changed. Code::too_large: max_bytes; the message is
  // MySQL's. Errors of images. Nothing has been told then.
  Status insert(const LoggedTable& logged, const storage::Table& table, const storage::Row& after);
  Status update(const LoggedTable& logged, const storage::Table& table, const storage::Row& before,
                const storage::Row& after);
  Status remove(const LoggedTable& logged, const storage::Table& table, const storage::Row& before);
  // Ends the running statement, if it has told anything.
  void end_statement();
  // A definition statement: the whole transaction, committed by itself. Nothing else is in it.
  void define(const binlog::QueryEvent& statement);

  // How much has been told; ends the statement. truncate() takes back what came after.
  [[nodiscard]] uint64_t position();
  void truncate(uint64_t position);
  [[nodiscard]] bool empty() const { return events_.empty() && !rows_; }
  void clear();

  [[nodiscard]] GtidNext& gtid_next() { return gtid_next_; }
  // The id of the connection, in the Query "BEGIN".
  void set_connection(uint32_t connection) { connection_ = connection; }

  // --- for the coordinator; the statement has ended ---

  [[nodiscard]] const binlog::EventBuffer& events() const { return events_; }
  [[nodiscard]] bool is_definition() const { return is_definition_; }
  [[nodiscard]] uint64_t first_commit_us() const { return gtid_next_.first_commit_us; }
  [[nodiscard]] uint32_t connection() const { return connection_; }
  [[nodiscard]] const BinlogCacheOptions& options() const { return options_; }
  // A header of an event that this transaction has now.
  [[nodiscard]] binlog::EventHeader header_of(binlog::EventType type) const;

 private:
  Status change(binlog::RowsKind kind, const LoggedTable& logged, const storage::Table& table,
                const storage::Row* before, const storage::Row* after);
  void begin_rows(binlog::RowsKind kind, const LoggedTable& logged, const storage::Table& table,
                  const binlog::ColumnSet& before, const binlog::ColumnSet& after);
  void end_rows(bool ends_statement);
  [[nodiscard]] binlog::ColumnSet columns_before(const storage::TableDef& def) const;
  [[nodiscard]] binlog::ColumnSet columns_after(const storage::TableDef& def,
                                                const storage::Row* before,
                                                const storage::Row& after) const;

  Clock& clock_;
  const BinlogCacheOptions options_;
  binlog::EventBuffer events_;
  bool is_definition_ = false;
  GtidNext gtid_next_;
  uint32_t connection_ = 0;
  // The rows event that is being built.
  std::optional<binlog::RowsWriter> rows_;
  binlog::RowsKind kind_ = binlog::RowsKind::write;
  uint64_t table_ = 0;
  binlog::ColumnSet before_columns_;
  binlog::ColumnSet after_columns_;
  RowImageMaker before_maker_;
  RowImageMaker after_maker_;
};

}  // namespace aftersync::txn
