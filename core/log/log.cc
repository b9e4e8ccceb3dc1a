// Log: appending, group flush, reservations and checkpoints. Replay is in log_replay.cc.
#include "core/log/log.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/base/probe.h"

namespace aftersync {

using namespace redo;

namespace {

constexpr size_t kWriteChunkBlocks = 2048;  // 1 MiB a write call

uint64_t block_floor(uint64_t lsn) { return lsn - lsn % kBlockPayload; }

size_t ring_size(const LogOptions& options) {
  CHECK_GE(options.buffer_bytes, 2 * kMaxFramePayload);
  return std::bit_ceil(options.buffer_bytes);
}

}  // namespace

Result<std::unique_ptr<Log>> Log::open(Node& node, LogOptions options, bool create_if_missing) {
  auto files = RedoFiles::open(node, options.directory);
  if (files.code() == Code::not_found && create_if_missing) {
    files = RedoFiles::create(node, options.directory, options.geometry);
  }
  RETURN_IF_ERROR(files.status());
  ASSIGN_OR_RETURN(const RedoCheckpoint checkpoint, files.value()->read_checkpoint());
  return std::unique_ptr<Log>(
      new Log(node, std::move(options), std::move(files).value(), checkpoint));
}

// Two slots of the ring stay unused: the block being filled, and the one after it.
Log::Log(Node& node, LogOptions options, std::unique_ptr<RedoFiles> files,
         const RedoCheckpoint& checkpoint)
    : node_(node),
      options_(std::move(options)),
      files_(std::move(files)),
      capacity_((files_->geometry().slots() - 2) * kBlockPayload),
      buffer_(ring_size(options_)),
      end_(checkpoint.lsn.value()),
      written_(checkpoint.lsn.value()),
      durable_(checkpoint.lsn.value()),
      block_buffer_(kWriteChunkBlocks * kBlockBytes),
      checkpoint_(checkpoint.lsn.value()),
      last_checkpoint_(checkpoint) {}

Log::~Log() { CHECK(!leading_ && first_waiter_ == nullptr); }

void Log::must(const Status& status) {
  if (!status.ok()) node_.crash("redo log: " + status.to_string());
}

Status Log::start() {
  RedoCheckpoint next = last_checkpoint_;
  ++next.sequence;
  next.epoch = epoch_ = std::max(epoch_, next.epoch) + 1;
  next.clean_shutdown = false;
  must(files_->write_checkpoint(next));
  last_checkpoint_ = next;
  copy_into_buffer(block_floor(end_.load()), tail_);
  return write_first_block();
}

// Cuts what lies behind the end in its block, so that no remains are ever read on from there.
Status Log::write_first_block() {
  const uint64_t end = end_.load();
  RedoBlock block;
  block.number = end / kBlockPayload;
  block.epoch = epoch_;
  block.durable_block = block.number;
  block.payload = tail_;
  char bytes[kBlockBytes];
  RedoFiles::format_block(bytes, block);
  must(files_->write_blocks(block.number, {bytes, kBlockBytes}));
  must(files_->sync());
  return {};
}

void Log::copy_into_buffer(uint64_t at, std::string_view bytes) {
  if (bytes.empty()) return;
  const size_t mask = buffer_.size() - 1;
  const size_t offset = at & mask;
  const size_t first = std::min(bytes.size(), buffer_.size() - offset);
  std::memcpy(buffer_.data() + offset, bytes.data(), first);
  if (first < bytes.size()) {
    std::memcpy(buffer_.data(), bytes.data() + first, bytes.size() - first);
  }
}

Log::Appended Log::append(std::string_view payload, OrderHook* hook) {
  CHECK(!payload.empty() && payload.size() <= kMaxFramePayload);
  const uint64_t bytes = frame_bytes(payload.size());
  const uint32_t payload_crc = crc32c(payload);
  append_mutex_.lock();
  // The block being filled stays in the buffer, because it is written again and again.
  while (end_.load(std::memory_order_relaxed) + bytes -
             block_floor(written_.load(std::memory_order_acquire)) >
         buffer_.size()) {
    PROBE("log: buffer full");
    const Lsn all(end_.load(std::memory_order_relaxed));
    ++append_stats_.buffer_waits;
    append_mutex_.unlock();
    write_to(all);
    append_mutex_.lock();
  }
  const uint64_t start = end_.load(std::memory_order_relaxed);
  char header[kFrameHeaderBytes];
  char position[12];
  store_be(position, start);
  store_be(position + 8, static_cast<uint32_t>(payload.size()));
  store_be(header, static_cast<uint32_t>(payload.size()));
  store_be(header + 4, crc32c({position, sizeof position}, payload_crc));
  copy_into_buffer(start, {header, sizeof header});
  copy_into_buffer(start + sizeof header, payload);
  const Appended appended{Lsn(start), Lsn(start + bytes)};
  end_.store(start + bytes, std::memory_order_release);
  ++append_stats_.appends;
  append_stats_.appended_bytes += bytes;
  if (hook != nullptr) hook->ordered(appended);
  append_mutex_.unlock();
  return appended;
}

Lsn Log::end_ordered(OrderHook& hook) {
  const MutexLock lock(append_mutex_);
  const Lsn at(end_.load(std::memory_order_relaxed));
  hook.ordered({at, at});
  return at;
}

void Log::flush_to(Lsn lsn) {
  if (durable_.load(std::memory_order_acquire) >= lsn.value()) return;
  wait_for(lsn, true);
}

void Log::write_to(Lsn lsn) {
  if (written_.load(std::memory_order_acquire) >= lsn.value()) return;
  wait_for(lsn, false);
}

void Log::wait_for(Lsn lsn, bool sync) {
  CHECK_LE(lsn.value(), end_.load(std::memory_order_acquire));
  const std::atomic<uint64_t>& mark = sync ? durable_ : written_;
  write_mutex_.lock();
  ++flush_requests_;
  if (mark.load(std::memory_order_relaxed) >= lsn.value()) {
    write_mutex_.unlock();
    return;
  }
  if (sync) ++sync_waiters_;
  if (!leading_) {
    leading_ = true;
    write_mutex_.unlock();
    lead();
    write_mutex_.lock();
    if (sync) --sync_waiters_;
    pass_on();
    return;
  }
  if (free_waiters_ == nullptr) free_waiters_ = &waiters_.emplace_back();
  Waiter* const waiter = free_waiters_;
  free_waiters_ = waiter->next;
  waiter->event.reset();
  waiter->lsn = lsn.value();
  waiter->sync = sync;
  waiter->lead = false;
  waiter->next = nullptr;
  (last_waiter_ != nullptr ? last_waiter_->next : first_waiter_) = waiter;
  last_waiter_ = waiter;
  write_mutex_.unlock();
  waiter->event.wait();
  const bool leads = waiter->lead;
  if (leads) lead();
  write_mutex_.lock();
  if (leads && sync) --sync_waiters_;
  waiter->next = free_waiters_;
  free_waiters_ = waiter;
  if (leads) {
    pass_on();
  } else {
    write_mutex_.unlock();
  }
}

// Writes and, if anybody asked for it, syncs all that has been appended. The lead is held.
void Log::lead() {
  write_mutex_.lock();
  const bool sync = sync_waiters_ > 0;
  write_mutex_.unlock();
  const uint64_t upto = end_.load(std::memory_order_acquire);
  write_out(upto);
  if (sync) sync_files();
}

// With write_mutex_ held, which it releases: wakes those who have been served, and the next leader.
void Log::pass_on() {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  const uint64_t durable = durable_.load(std::memory_order_relaxed);
  Waiter* served = nullptr;
  Waiter** link = &first_waiter_;
  last_waiter_ = nullptr;
  while (*link != nullptr) {
    Waiter* const w = *link;
    if ((w->sync ? durable : written) >= w->lsn) {
      *link = w->next;
      w->next = served;
      served = w;
      if (w->sync) --sync_waiters_;
    } else {
      last_waiter_ = w;
      link = &w->next;
    }
  }
  Waiter* const leader = first_waiter_;
  leading_ = leader != nullptr;
  if (leader != nullptr) {
    first_waiter_ = leader->next;
    if (first_waiter_ == nullptr) last_waiter_ = nullptr;
    leader->lead = true;
  }
  write_mutex_.unlock();
  if (leader != nullptr) leader->event.set();
  while (served != nullptr) {
    Waiter* const w = served;
    served = w->next;  // before set(): afterwards it is the waiter's again
    w->event.set();
  }
}

void Log::write_out(uint64_t upto) {
  const uint64_t from = written_.load(std::memory_order_relaxed);
  if (from >= upto) return;
  const uint64_t durable_block = durable_.load(std::memory_order_relaxed) / kBlockPayload;
  const size_t mask = buffer_.size() - 1;
  uint64_t block = from / kBlockPayload;
  const uint64_t end_block = (upto + kBlockPayload - 1) / kBlockPayload;
  while (block < end_block) {
    const uint64_t count = std::min<uint64_t>(end_block - block, kWriteChunkBlocks);
    char* to = block_buffer_.data();
    for (uint64_t b = block; b < block + count; ++b, to += kBlockBytes) {
      const uint64_t start = b * kBlockPayload;
      const size_t length = std::min<uint64_t>(kBlockPayload, upto - start);
      const size_t offset = start & mask;
      const size_t first = std::min(length, buffer_.size() - offset);
      std::memcpy(to + kBlockHeaderBytes, buffer_.data() + offset, first);
      std::memcpy(to + kBlockHeaderBytes + first, buffer_.data(), length - first);
      RedoBlock formatted;
      formatted.number = b;
      formatted.epoch = epoch_;
      formatted.durable_block = durable_block;
      formatted.payload = {to + kBlockHeaderBytes, length};
      RedoFiles::format_block({to, kBlockBytes}, formatted);
    }
    const size_t bytes = count * kBlockBytes;
    must(files_->write_blocks(block, {block_buffer_.data(), bytes}));
    writes_.fetch_add(1, std::memory_order_relaxed);
    written_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    block += count;
  }
  written_.store(upto, std::memory_order_release);
}

void Log::sync_files() {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  must(files_->sync());
  syncs_.fetch_add(1, std::memory_order_relaxed);
  durable_.store(written, std::memory_order_release);
}

bool Log::try_reserve(uint64_t bytes) {
  const uint64_t all = reserved_.fetch_add(bytes) + bytes;
  if (used() + all <= capacity_) return true;
  reserved_.fetch_sub(bytes);
  return false;
}

Status Log::reserve(uint64_t bytes) {
  CHECK_LE(bytes, capacity_);
  if (try_reserve(bytes)) return {};
  PROBE("log: reservation waits");
  reserve_waits_.fetch_add(1, std::memory_order_relaxed);
  while (true) {
    if (space_wanted_) space_wanted_();
    const MutexLock lock(space_mutex_);
    space_waiters_.fetch_add(1);
    const bool reserved = try_reserve(bytes);
    if (!reserved && !closed_.load() && stalled_.ok()) {
      // Bounded, because a neighbour's attempt may have made ours fail without having room itself.
      (void)space_freed_.wait_until(space_mutex_, node_.clock().now() + 10ms);
    }
    space_waiters_.fetch_sub(1);
    if (reserved) return {};
    if (closed_.load()) return {Code::shutdown, "the redo log is closed"};
    RETURN_IF_ERROR(stalled_);
  }
}

void Log::unreserve(uint64_t bytes) {
  reserved_.fetch_sub(bytes);
  if (space_waiters_.load() == 0) return;
  const MutexLock lock(space_mutex_);
  space_freed_.notify_all();
}

void Log::set_stalled(Status why) {
  const MutexLock lock(space_mutex_);
  stalled_ = std::move(why);
  space_freed_.notify_all();
}

void Log::write_checkpoint(Lsn lsn, bool clean_shutdown) {
  CHECK(lsn >= checkpoint() && lsn <= durable());
  RedoCheckpoint next = last_checkpoint_;
  ++next.sequence;
  next.lsn = lsn;
  next.clean_shutdown = clean_shutdown;
  must(files_->write_checkpoint(next));
  last_checkpoint_ = next;
  const MutexLock lock(space_mutex_);
  checkpoint_.store(lsn.value());
  space_freed_.notify_all();
}

void Log::close() {
  closed_.store(true);
  const MutexLock lock(space_mutex_);
  space_freed_.notify_all();
}

LogStats Log::stats() {
  LogStats stats;
  {
    const MutexLock lock(append_mutex_);
    stats = append_stats_;
  }
  stats.writes = writes_.load(std::memory_order_relaxed);
  stats.written_bytes = written_bytes_.load(std::memory_order_relaxed);
  stats.syncs = syncs_.load(std::memory_order_relaxed);
  stats.reserve_waits = reserve_waits_.load(std::memory_order_relaxed);
  const MutexLock lock(write_mutex_);
  stats.flush_requests = flush_requests_;
  return stats;
}

}  // namespace aftersync
