// BinlogCoordinator: the life of a commit, from prepared to told.
//
// The problem. A transaction happens in two places, engine and binlog, and must happen in both or
// in neither, in one order, whatever crash comes in between; readers and replicas must not see what
// may yet be lost; and all of that may cost one fdatasync for everybody who commits at that moment.
//
// How. The binlog is the commit point. Who commits is *prepared*: its locks are held, its undo is
// in the engine (unforced), its events are in its cache. It queues; the first in the queue leads
// the group and takes it through the stages, the others sleep until it tells them.
//
//   stage    what happens                                         who waits for whom
//   queued   gathers behind a leader, while the group before      everybody, for the log
//            is in flush and sync
//   flush    GTIDs in the order of the queue; the group's events  one group at a time
//            go to the binlog in one write
//   sync     one fdatasync (sync_binlog = 1): it has happened     the same group still
//   ack      AFTER_SYNC: replicas have it, durably                several groups at once
//   commit   in the engine, one by one, in the order of the       groups in their order
//            binlog: visible, locks given back
//   ack      AFTER_COMMIT: here instead                           several groups at once
//   done     each is told
//
// Invariants
//  1. Order of the binlog, order of GTIDs of this server, order of the engine's commit records:
//     one and the same. So what the engine has after a crash is a prefix of the binlog
//     (commit_note.h), and the rest is applied from there (binlog_recovery.h): redo is not forced.
//  2. Locks are held until the stage commit. What conflicts with a transaction of the group comes
//     behind it in the binlog.
//  3. With sync_binlog = 1 nobody but the writer sees a byte of the binlog before its fdatasync,
//     and with AFTER_SYNC no reader of the engine sees a row before its acknowledgement.
//  4. A transaction fails alone, and only in the stage flush: before its events are in the binlog.
//     From then on it has happened, and whatever keeps the engine from committing it either passes
//     (a full device: waited for) or stops the process; the restart applies it.
//
// Failures. A write that finds the device full: what it wrote is cut off again, then each of the
// group is tried by itself, and who does not fit is told so and rolls back. A failing write, cut or
// sync stops the process (binlog.h). A binlog file that cannot be rotated for want of space goes
// on.
//
// Logical clock (for parallel appliers; MySQL's LOGICAL_CLOCK). sequence_number counts transactions
// within a file; last_committed is the newest whose locks may have been given back when this one
// was prepared. Those in between held their locks together with it, so they cannot conflict. The
// clock goes forward before locks are given back: who could have waited for one sees its number.
//
// GTIDs. gtid_executed is what the stage commit has passed. A number that gtid_next gives is owned
// by one task from acquire() to the end of its transaction.
//
// Not here: XA; statements in the binlog (events come from the cache as they are).
//
// Thread safety: any task. Locks: log_mutex_ (flush, sync, rotation; held across I/O), then
// mutex_; turn_mutex_ alone. Nothing of a caller's is waited for under them, and a caller holds no
// latch.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "core/binlog/acknowledgement.h"
#include "core/binlog/binlog.h"
#include "core/platform/node.h"
#include "core/txn/commit_note.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

// rpl_semi_sync_source_wait_point.
enum class WaitPoint : uint8_t { after_sync, after_commit };

struct BinlogCoordinatorOptions {
  Uid server_uuid;
  uint32_t server_version = 80034;  // in GTID events
  // 1: each group is synced before anybody sees it. N: each Nth group, 0: none; replicas may then
  // have what a power loss takes from here.
  uint64_t sync_binlog = 1;
  Duration group_commit_sync_delay{0};
  bool gtid_mode = true;  // else transactions are anonymous
  WaitPoint wait_point = WaitPoint::after_sync;
  binlog::Acknowledgement* acknowledgement = nullptr;  // null: asynchronous
};

struct CoordinatorStats {
  uint64_t groups = 0;        // that reached the binlog
  uint64_t transactions = 0;  // in them
  uint64_t syncs = 0;         // fdatasyncs of groups; rotation has its own
  uint64_t largest_group = 0;
  uint64_t failed = 0;    // transactions that did not fit on the device
  uint64_t degraded = 0;  // groups that went on without acknowledgement
};

class BinlogCoordinator final : public CommitCoordinator {
 public:
  // `executed`: gtid_executed, of what the engine has (binlog_recovery.h has run). Node, binlog,
  // engine and acknowledgement outlive it.
  BinlogCoordinator(Node& node, storage::Engine& engine, binlog::Binlog& binlog,
                    const BinlogCoordinatorOptions& options);
  ~BinlogCoordinator() override;

  // Errors: Code::no_space, too_large: it has been rolled back by then (Transaction::commit).
  // Code::shutdown: committed here, and not known whether acknowledged.
  Status commit(Transaction& prepared) override;

  // A definition statement, or a transaction without changes: `cache` goes to the binlog, and in
  // the stage commit, in order, `in_engine` is called with the note for the engine's commit record;
  // perhaps by another task. An error of it stops the process.
  using InEngine = std::function<Status(std::string_view note)>;
  Status commit_events(BinlogCache& cache, const InEngine& in_engine);

  // gtid_next = 'UUID:NUMBER': the caller is to commit that transaction now. False: it has been
  // executed, and must be skipped. Waits while another task owns it; Code::timed_out.
  [[nodiscard]] Result<bool> acquire(const binlog::Gtid& gtid, MonoTime deadline);
  // It was not committed after all.
  void release(const binlog::Gtid& gtid);

  [[nodiscard]] binlog::GtidSet executed();  // gtid_executed
  // Waits until gtid_executed contains `gtids`; false when `deadline` came first.
  [[nodiscard]] bool wait_for_executed(const binlog::GtidSet& gtids, MonoTime deadline);
  // FLUSH BINARY LOGS. Code::no_space.
  Status rotate();
  // PURGE BINARY LOGS TO: the engine has, durably, all that is removed. Code::not_found, no_space;
  // Code::bad_state while the engine has not committed all of the files to go.
  Status purge_before(std::string_view file);

  void set_acknowledgement(binlog::Acknowledgement* acknowledgement, WaitPoint wait_point);
  [[nodiscard]] CoordinatorStats stats();

 private:
  // One that commits. Pooled, because the leader may still be inside set() when its owner has gone.
  struct Member {
    BinlogCache* cache = nullptr;
    Transaction* transaction = nullptr;  // or:
    const InEngine* in_engine = nullptr;
    uint64_t last_committed = 0;  // on the clock of this life
    uint64_t sequence = 0;        // as well
    CommitNote note;
    Status status;
    Event told;
    bool leads = false;  // told to lead, not that it is done
    Member* next = nullptr;
  };
  struct Group {
    std::vector<Member*> members;  // in the order of the queue
    std::vector<Member*> logged;   // those that are in the binlog, in its order
    uint64_t turn = 0;             // among groups that have something to commit
    binlog::BinlogPlace end;
    binlog::Acknowledgement::Outcome outcome = binlog::Acknowledgement::Outcome::acknowledged;
  };

  Status pass_through(Member& member);
  [[nodiscard]] bool enqueue(Member& member);
  [[nodiscard]] Member& new_member();

  void lead(Member& leader);
  void gather(Group& group);
  void flush(Group& group);
  void sync(Group& group);
  Status rotate_locked();
  void acknowledge(Group& group);
  void commit_in_turn(Group& group);
  void tell(Group& group, const Member& leader);

  Status append(std::span<Member* const> members);
  Status append_once(std::span<Member* const> members);
  [[nodiscard]] binlog::GtidSet name(std::span<Member* const> members);
  void add_transaction(binlog::EventBuffer& events, const Member& member);
  void commit_one(Member& member);

  Node& node_;
  storage::Engine& engine_;
  binlog::Binlog& binlog_;
  const BinlogCoordinatorOptions options_;

  Mutex log_mutex_;
  // Guarded by log_mutex_.
  uint64_t sequence_ = 0;       // of the newest transaction in the binlog, in this life
  uint64_t file_sequence_ = 0;  // of the last one before the file in use
  uint64_t unsynced_groups_ = 0;
  uint64_t turns_ = 0;

  Mutex turn_mutex_;
  CondVar turn_passed_;
  uint64_t turn_ = 0;              // guarded by turn_mutex_: the group that may commit
  binlog::BinlogPlace committed_;  // guarded by turn_mutex_: in the engine up to here
  std::atomic<uint64_t> clock_{
      0};  // sequence of the newest that gives back, or has given back, its locks

  Mutex mutex_;
  CondVar executed_grown_;  // or an owner has let go
  // Guarded by mutex_.
  Member* first_ = nullptr;  // the queue
  Member* last_ = nullptr;
  bool has_leader_ = false;  // of the queue
  std::deque<Member> members_;
  Member* free_members_ = nullptr;
  binlog::GtidSet executed_;
  binlog::GtidSet owned_;
  binlog::GtidSet used_;  // in the binlog, on the way there, or owned
  binlog::Acknowledgement* acknowledgement_;
  WaitPoint wait_point_;
  CoordinatorStats stats_;
};

}  // namespace aftersync::txn
