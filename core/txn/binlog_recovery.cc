// Recovery from the binlog: from the engine's last note to the end.
#include "core/txn/binlog_recovery.h"

#include <memory>
#include <utility>

#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/binlog/transaction_scan.h"
#include "core/storage/last_note.h"
#include "core/txn/row_applier.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

using binlog::Binlog;
using binlog::BinlogPlace;
using binlog::EventType;
using binlog::EventView;

namespace {

Result<std::optional<CommitNote>> last_note(storage::Engine& engine) {
  ASSIGN_OR_RETURN(const std::string bytes, storage::last_note(engine.pages()));
  if (bytes.empty()) return std::optional<CommitNote>();
  ASSIGN_OR_RETURN(const CommitNote note, CommitNote::decode(bytes));
  return std::optional(note);
}

class Recovery {
 public:
  Recovery(Node& node, storage::Engine& engine, Binlog& binlog, LoggedTables& tables,
           const DefineAgain& define)
      : binlog_(binlog), define_(define), applier_(tables, true), manager_(node, engine, {}) {}
  ~Recovery() {
    if (trx_ == nullptr || trx_->state() != Transaction::State::active) return;
    const Status status = trx_->rollback();
    if (!status.ok()) manager_.node().crash("rollback in recovery: " + status.to_string());
  }
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;

  Result<BinlogRecovery> run(BinlogPlace from) {
    report_.from = from;
    ASSIGN_OR_RETURN(const auto files, binlog_.list());
    for (const Binlog::FileInfo& file : files) {
      if (file.number < from.file) continue;
      const uint64_t begin = file.number == from.file ? from.position : 0;
      RETURN_IF_ERROR(read(file, begin));
    }
    return report_;
  }

 private:
  Status read(const Binlog::FileInfo& file, uint64_t begin) {
    ASSIGN_OR_RETURN(auto stream, binlog_.read(file.number));
    if (begin != 0) stream.seek(begin);
    binlog::TransactionScan scan;
    while (true) {
      const uint64_t at = stream.position();
      ASSIGN_OR_RETURN(const auto event, stream.next(file.bytes));
      if (!event) break;
      const auto ends = scan.take(*event);
      RETURN_IF_ERROR(ends.status().in(file.name));
      const BinlogPlace end{file.number, stream.position()};
      const Status taken = take(*event, scan, *ends, end);
      RETURN_IF_ERROR(taken.in(file.name + " at " + std::to_string(at)));
    }
    if (scan.is_between()) return {};
    return {Code::corruption, file.name + ": ends within a transaction"};
  }

  Status take(const EventView& event, const binlog::TransactionScan& scan, bool ends,
              BinlogPlace end) {
    CommitNote note;
    note.end = end;
    if (scan.gtid()) note.gtid = *scan.gtid();
    switch (event.header.type) {
      case EventType::gtid:
      case EventType::anonymous_gtid: return begin();
      case EventType::query: return query(event, ends, note);
      case EventType::xid: return commit(note);
      case EventType::table_map: return applier_.apply(*trx_, event);
      default: break;
    }
    if (!binlog::RowsReader::kind_of(event.header.type)) return {};
    ++report_.rows_events;
    if (has_rows_ && AFTERSYNC_FAULT("bug/half-transaction")) return {};
    has_rows_ = true;
    return applier_.apply(*trx_, event);
  }

  Status begin() {
    TransactionOptions options;
    options.isolation = Isolation::read_committed;
    trx_ = manager_.begin(options);
    applier_.forget_maps();
    has_rows_ = false;
    return {};
  }

  Status query(const EventView& event, bool ends, const CommitNote& note) {
    ASSIGN_OR_RETURN(const auto query, binlog::QueryEvent::decode(event.body));
    if (query.statement == "BEGIN") return {};
    if (query.statement == "COMMIT") return commit(note);
    if (!ends) return {Code::unsupported, "a statement among row events"};
    PROBE("binlog-recovery/definition-again");
    ++report_.transactions;
    RETURN_IF_ERROR(trx_->rollback());
    return define_(query, note.encode());
  }

  Status commit(const CommitNote& note) {
    ++report_.transactions;
    return trx_->commit_in_engine(note.encode()).status();
  }

  Binlog& binlog_;
  const DefineAgain& define_;
  RowApplier applier_;
  TransactionManager manager_;
  std::unique_ptr<Transaction> trx_;
  bool has_rows_ = false;
  BinlogRecovery report_;
};

}  // namespace

Result<BinlogPlace> end_in_engine(storage::Engine& engine) {
  ASSIGN_OR_RETURN(const auto note, last_note(engine));
  return note ? note->end : BinlogPlace();
}

Result<BinlogRecovery> recover_from_binlog(Node& node, storage::Engine& engine, Binlog& binlog,
                                           LoggedTables& tables, const DefineAgain& define) {
  ASSIGN_OR_RETURN(const auto note, last_note(engine));
  BinlogPlace from;
  if (note) {
    const bool is_named = note->gtid.number != 0;
    if (is_named && !binlog.gtids().contains(note->gtid)) {
      return {Code::corruption, "the engine has " + note->gtid.to_string() +
                                    ", which the binlog has lost: it has " +
                                    binlog.gtids().to_string()};
    }
    from = note->end;
  }
  Recovery recovery(node, engine, binlog, tables, define);
  ASSIGN_OR_RETURN(const BinlogRecovery report, recovery.run(from));
  if (report.transactions > 0) {
    PROBE("binlog-recovery/applied");
    engine.pages().log().flush_to(engine.pages().log().end());
    node.error_log().write(Severity::note, "recovery: applied " +
                                               std::to_string(report.transactions) +
                                               " transactions from the binlog");
  }
  return report;
}

}  // namespace aftersync::txn
