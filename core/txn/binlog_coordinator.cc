// BinlogCoordinator: the stages.
#include "core/txn/binlog_coordinator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/check.h"
#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/txn/transaction_frame.h"

namespace aftersync::txn {

using binlog::BinlogPlace;
using binlog::EventBuffer;
using binlog::Gtid;
using binlog::GtidSet;
using Outcome = binlog::Acknowledgement::Outcome;

namespace {

// A group ends here, so that its events, which are copied together, take bounded memory.
constexpr uint64_t kGroupBytes = uint64_t{64} << 20;
constexpr Duration kRoomRetry = 10ms;

GtidSet set_of(const Gtid& gtid) {
  GtidSet set;
  set.add(gtid);
  return set;
}

bool is_named(const Gtid& gtid) { return gtid.number != 0; }

}  // namespace

BinlogCoordinator::BinlogCoordinator(Node& node, storage::Engine& engine, binlog::Binlog& binlog,
                                     const BinlogCoordinatorOptions& options)
    : node_(node),
      engine_(engine),
      binlog_(binlog),
      options_(options),
      committed_(binlog.end()),
      executed_(binlog.gtids()),
      used_(executed_),
      acknowledgement_(options.acknowledgement),
      wait_point_(options.wait_point) {}

BinlogCoordinator::~BinlogCoordinator() { CHECK(!has_leader_ && first_ == nullptr); }

// --- queued ---

Status BinlogCoordinator::commit(Transaction& prepared) {
  BinlogCache* const cache = prepared.binlog();
  if (cache != nullptr) cache->end_statement();
  if (cache == nullptr || (cache->empty() && !cache->gtid_next().given)) {
    ASSIGN_OR_RETURN(const Lsn end, prepared.commit_in_engine({}));
    if (end.value() != 0) engine_.pages().commit_point(end);
    return {};
  }
  Member& member = new_member();
  member.cache = cache;
  member.transaction = &prepared;
  return pass_through(member);
}

Status BinlogCoordinator::commit_events(BinlogCache& cache, const InEngine& in_engine) {
  cache.end_statement();
  Member& member = new_member();
  member.cache = &cache;
  member.in_engine = &in_engine;
  return pass_through(member);
}

BinlogCoordinator::Member& BinlogCoordinator::new_member() {
  const MutexLock lock(mutex_);
  if (free_members_ == nullptr) {
    free_members_ = &members_.emplace_back();
  }
  Member& member = *free_members_;
  free_members_ = member.next;
  member.told.reset();
  member.transaction = nullptr;
  member.in_engine = nullptr;
  member.leads = false;
  member.next = nullptr;
  member.status = Status();
  return member;
}

// All locks that it will ever have are held: see the logical clock.
Status BinlogCoordinator::pass_through(Member& member) {
  member.last_committed = clock_.load(std::memory_order_acquire);
  if (enqueue(member)) {
    lead(member);
  } else {
    member.told.wait();
    if (member.leads) lead(member);
  }
  Status status = std::move(member.status);
  const MutexLock lock(mutex_);
  member.next = free_members_;
  free_members_ = &member;
  return status;
}

// Whether it leads.
bool BinlogCoordinator::enqueue(Member& member) {
  const MutexLock lock(mutex_);
  (last_ != nullptr ? last_->next : first_) = &member;
  last_ = &member;
  return !std::exchange(has_leader_, true);
}

void BinlogCoordinator::lead(Member& leader) {
  Group group;
  {
    const MutexLock log(log_mutex_);
    gather(group);
    flush(group);
    if (!group.logged.empty()) sync(group);
  }
  if (!group.logged.empty()) {
    WaitPoint wait_point;
    {
      const MutexLock lock(mutex_);
      wait_point = wait_point_;
    }
    const bool acknowledged_first =
        wait_point == WaitPoint::after_sync && !AFTERSYNC_FAULT("bug/after-commit-visible");
    if (acknowledged_first) acknowledge(group);
    commit_in_turn(group);
    if (!acknowledged_first) acknowledge(group);
  }
  tell(group, leader);
}

// The queue up to kGroupBytes; who is left over has a leader again.
void BinlogCoordinator::gather(Group& group) {
  if (options_.group_commit_sync_delay > Duration(0)) {
    (void)node_.tasks().sleep_for(options_.group_commit_sync_delay);
  }
  const MutexLock lock(mutex_);
  uint64_t bytes = 0;
  while (first_ != nullptr && (group.members.empty() || bytes < kGroupBytes)) {
    Member* const member = first_;
    first_ = member->next;
    bytes += member->cache->events().size();
    group.members.push_back(member);
  }
  if (first_ == nullptr) {
    last_ = nullptr;
    has_leader_ = false;
    return;
  }
  PROBE("coordinator/queue-divided");
  first_->leads = true;
  first_->told.set();
}

// --- flush ---

void BinlogCoordinator::flush(Group& group) {
  const Status together = append(group.members);
  if (together.ok()) {
    group.logged = group.members;
  } else if (group.members.size() == 1) {
    group.members[0]->status = together;
  } else {
    PROBE("coordinator/group-tried-one-by-one");
    for (Member* const member : group.members) {
      member->status = append({&member, 1});
      if (member->status.ok()) group.logged.push_back(member);
    }
  }
  const MutexLock lock(mutex_);
  stats_.failed += group.members.size() - group.logged.size();
  if (group.logged.empty()) return;
  group.turn = turns_++;
  group.end = binlog_.end();
  ++stats_.groups;
  stats_.transactions += group.logged.size();
  stats_.largest_group = std::max<uint64_t>(stats_.largest_group, group.logged.size());
}

// Whole, or nothing. A file that is full to its last possible byte is followed by another.
Status BinlogCoordinator::append(std::span<Member* const> members) {
  Status status = append_once(members);
  if (status.code() != Code::too_large) return status;
  RETURN_IF_ERROR(binlog_.rotate());
  file_sequence_ = sequence_;
  return append_once(members);
}

Status BinlogCoordinator::append_once(std::span<Member* const> members) {
  const GtidSet gtids = name(members);
  EventBuffer events(members[0]->cache->options().checksum);
  const BinlogPlace begin = binlog_.end();
  uint64_t sequence = sequence_;
  for (Member* const member : members) {
    member->sequence = ++sequence;
    add_transaction(events, *member);
    member->note.end = {begin.file, begin.position + events.size()};
  }
  const Status status = binlog_.append(events, gtids).status();
  if (status.ok()) {
    sequence_ = sequence;
    return {};
  }
  const MutexLock lock(mutex_);
  for (Member* const member : members) {
    if (!member->cache->gtid_next().given) used_.remove(set_of(member->note.gtid));
  }
  return status;
}

// Gives each its GTID, in order.
GtidSet BinlogCoordinator::name(std::span<Member* const> members) {
  GtidSet gtids;
  const MutexLock lock(mutex_);
  for (Member* const member : members) {
    Gtid& gtid = member->note.gtid;
    gtid = Gtid();
    if (const auto& given = member->cache->gtid_next().given) {
      gtid = *given;
    } else if (options_.gtid_mode) {
      gtid = {options_.server_uuid, used_.first_unused(options_.server_uuid)};
    }
    if (!is_named(gtid)) continue;
    used_.add(gtid);
    gtids.add(gtid);
  }
  return gtids;
}

void BinlogCoordinator::add_transaction(EventBuffer& events, const Member& member) {
  TransactionFrame frame;
  frame.gtid = member.note.gtid;
  // In this file the first has the number 1; whatever came before is committed before it begins.
  frame.sequence_number = member.sequence - file_sequence_;
  frame.last_committed = member.last_committed - std::min(member.last_committed, file_sequence_);
  const auto now = node_.clock().wall_now().time_since_epoch();
  frame.commit_us = static_cast<uint64_t>(
      std::max<int64_t>(1, std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
  frame.server_version = options_.server_version;
  frame.xid = member.transaction != nullptr ? member.transaction->id().value() : 0;
  add_framed(events, frame, *member.cache);
}

// --- sync ---

void BinlogCoordinator::sync(Group&) {
  ++unsynced_groups_;
  const bool is_due = options_.sync_binlog != 0 && unsynced_groups_ >= options_.sync_binlog;
  if (is_due && !AFTERSYNC_FAULT("bug/redo-not-synced")) {
    binlog_.sync();
    unsynced_groups_ = 0;
    const MutexLock lock(mutex_);
    ++stats_.syncs;
  } else {
    binlog_.let_read();
  }
  if (!binlog_.wants_rotation()) return;
  const Status rotated = rotate_locked();
  if (rotated.ok()) return;
  PROBE("coordinator/no-room-to-rotate");
  node_.error_log().write(Severity::warning,
                          "binlog: goes on in the same file: " + rotated.to_string());
}

Status BinlogCoordinator::rotate_locked() {
  RETURN_IF_ERROR(binlog_.rotate());
  file_sequence_ = sequence_;
  unsynced_groups_ = 0;
  return {};
}

// --- ack ---

void BinlogCoordinator::acknowledge(Group& group) {
  binlog::Acknowledgement* acknowledgement = nullptr;
  {
    const MutexLock lock(mutex_);
    acknowledgement = acknowledgement_;
  }
  if (acknowledgement == nullptr) return;
  group.outcome = acknowledgement->wait_for(group.end);
  if (group.outcome != Outcome::degraded) return;
  const MutexLock lock(mutex_);
  ++stats_.degraded;
}

// --- commit ---

void BinlogCoordinator::commit_in_turn(Group& group) {
  {
    const MutexLock lock(turn_mutex_);
    while (turn_ != group.turn) turn_passed_.wait(turn_mutex_);
  }
  if (AFTERSYNC_FAULT("bug/order-differs")) std::reverse(group.logged.begin(), group.logged.end());
  GtidSet gtids;
  for (Member* const member : group.logged) {
    clock_.store(std::max(clock_.load(), member->sequence), std::memory_order_release);
    commit_one(*member);
    if (is_named(member->note.gtid)) gtids.add(member->note.gtid);
  }
  {
    const MutexLock lock(mutex_);
    executed_.add(gtids);
    owned_.remove(gtids);
    executed_grown_.notify_all();
  }
  const MutexLock lock(turn_mutex_);
  ++turn_;
  committed_ = group.end;
  turn_passed_.notify_all();
}

// See invariant 4.
void BinlogCoordinator::commit_one(Member& member) {
  const std::string note = member.note.encode();
  bool has_complained = false;
  while (true) {
    const Status status = member.transaction != nullptr
                              ? member.transaction->commit_in_engine(note).status()
                              : (*member.in_engine)(note);
    if (status.ok()) return;
    const std::string what =
        "commit of " + member.note.gtid.to_string() + ", which is in the binlog";
    if (status.code() != Code::no_space) node_.crash(what + ": " + status.to_string());
    PROBE("coordinator/commit-waits-for-room");
    if (!std::exchange(has_complained, true)) {
      node_.error_log().write(Severity::error, what + ", waits for room: " + status.to_string());
    }
    if (!node_.tasks().sleep_for(kRoomRetry).ok()) node_.crash(what + ": shutdown without room");
  }
}

// --- done ---

void BinlogCoordinator::tell(Group& group, const Member& leader) {
  if (group.outcome == Outcome::abandoned) {
    for (Member* const member : group.logged) {
      member->status = Status(Code::shutdown,
                              "committed here; the server shuts down before it is "
                              "known whether a replica has it");
    }
  }
  for (Member* const member : group.members) {
    if (member != &leader) member->told.set();
  }
}

// --- GTIDs ---

Result<bool> BinlogCoordinator::acquire(const Gtid& gtid, MonoTime deadline) {
  const MutexLock lock(mutex_);
  while (true) {
    if (executed_.contains(gtid)) return false;
    if (!used_.contains(gtid)) break;
    PROBE("coordinator/gtid-owned-by-another");
    if (executed_grown_.wait_until(mutex_, deadline) == WaitResult::timed_out) {
      return {Code::timed_out, "GTID " + gtid.to_string() + " is owned by another session"};
    }
  }
  owned_.add(gtid);
  used_.add(gtid);
  return true;
}

void BinlogCoordinator::release(const Gtid& gtid) {
  const MutexLock lock(mutex_);
  if (!owned_.contains(gtid)) return;
  owned_.remove(set_of(gtid));
  used_.remove(set_of(gtid));
  executed_grown_.notify_all();
}

GtidSet BinlogCoordinator::executed() {
  const MutexLock lock(mutex_);
  return executed_;
}

bool BinlogCoordinator::wait_for_executed(const GtidSet& gtids, MonoTime deadline) {
  const MutexLock lock(mutex_);
  while (!executed_.contains(gtids)) {
    if (executed_grown_.wait_until(mutex_, deadline) == WaitResult::timed_out) {
      return executed_.contains(gtids);
    }
  }
  return true;
}

// --- files ---

Status BinlogCoordinator::rotate() {
  const MutexLock log(log_mutex_);
  return rotate_locked();
}

// Recovery needs what the engine lacks, so that has to be nothing: neither of what it has not
// committed yet, nor of what it would have forgotten after a crash.
Status BinlogCoordinator::purge_before(std::string_view file) {
  const MutexLock log(log_mutex_);
  ASSIGN_OR_RETURN(const uint64_t number, binlog_.number_of(file));
  {
    const MutexLock lock(turn_mutex_);
    if (turn_ != turns_ && committed_.file < number) {
      return {Code::bad_state, "transactions before " + std::string(file) + " are being committed"};
    }
  }
  engine_.pages().log().flush_to(engine_.pages().log().end());
  return binlog_.purge_before(file);
}

void BinlogCoordinator::set_acknowledgement(binlog::Acknowledgement* acknowledgement,
                                            WaitPoint wait_point) {
  const MutexLock lock(mutex_);
  acknowledgement_ = acknowledgement;
  wait_point_ = wait_point;
}

CoordinatorStats BinlogCoordinator::stats() {
  const MutexLock lock(mutex_);
  return stats_;
}

}  // namespace aftersync::txn
