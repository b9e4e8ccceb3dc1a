// Recovery: gathering redo by page, and applying it.
#include "core/storage/recovery.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/storage/buffer_pool.h"
#include "core/storage/page_check.h"
#include "core/storage/space.h"

namespace aftersync::storage {

namespace {

constexpr size_t kBatchBytes = 16 * 1024 * 1024;

bool is_optional(SpaceId id) { return id >= kFirstTableSpace; }

}  // namespace

Status Recovery::run() {
  ASSIGN_OR_RETURN(stats_.log, log_.replay([this](Lsn start, Lsn end, std::string_view payload) {
    return take_frame(start, end, payload);
  }));
  RETURN_IF_ERROR(apply_batch());
  for (const SpaceId id : dropped_) {
    lost_.erase(id);
    RETURN_IF_ERROR(spaces_.remove(id));
  }
  for (const auto& [id, why] : lost_) {
    spaces_.open_out_of_use(id, why);
    stats_.lost_spaces.push_back(id);
  }
  stats_.pages_touched = touched_.size();
  return {};
}

Status Recovery::take_frame(Lsn start, Lsn end, std::string_view payload) {
  payloads_.emplace_back(payload);
  batch_bytes_ += payload.size();
  const Status taken = for_each_record(
      payloads_.back(), [&](const RedoRecord& record) { return take_record(record, start, end); });
  RETURN_IF_ERROR(taken.in("redo frame at lsn " + std::to_string(start.value())));
  return batch_bytes_ < kBatchBytes ? Status() : apply_batch();
}

Status Recovery::take_record(const RedoRecord& record, Lsn start, Lsn end) {
  ++stats_.records;
  switch (record.op) {
    case PageOp::note:
      if (sink_ != nullptr) sink_->on_note(end, record.args);
      return {};
    case PageOp::space_dropped: {
      PROBE("recovery: a tablespace was dropped");
      const SpaceId id = record.page.space;
      dropped_.insert(id);
      changes_.erase(changes_.lower_bound({id, PageNo(0)}),
                     changes_.upper_bound({id, PageNo::max()}));
      pool_.discard(id);
      spaces_.close(id);
      return {};
    }
    default: changes_[record.page].push_back({record.op, record.args, start, end}); return {};
  }
}

Status Recovery::apply_batch() {
  if (changes_.empty()) return {};
  ++stats_.batches;
  for (const auto& [id, changes] : changes_) {
    RETURN_IF_ERROR(ensure_space(id.space));
    if (lost_.contains(id.space)) continue;
    const Status applied = apply_to_page(id, changes);
    if (!applied.ok()) {
      RETURN_IF_ERROR(lose(id.space, applied));
    }
  }
  changes_.clear();
  payloads_.clear();
  batch_bytes_ = 0;
  return {};
}

Status Recovery::ensure_space(SpaceId id) {
  if (lost_.contains(id) || spaces_.find(id).ok()) return {};
  const auto opened = spaces_.open(id);
  if (opened.ok()) return {};
  if (opened.code() != Code::not_found) return lose(id, opened.status());
  PROBE("recovery: a tablespace is missing");
  return lose(id, {Code::corruption,
                   space_path(id) + ": the redo log names it, but there is no " + "such file"});
}

// Goes on without the space, unless nothing goes without it.
Status Recovery::lose(SpaceId id, const Status& why) {
  if (!is_optional(id) || why.code() == Code::io_error) return why;
  lost_.emplace(id, why);
  return {};
}

Status Recovery::apply_to_page(PageId id, const Changes& changes) {
  touched_.insert(id);
  // What is before the last initialisation does not matter, and neither does what the disk holds.
  const auto is_init = [](const Change& c) { return c.op == PageOp::init; };
  const auto last = std::find_if(changes.rbegin(), changes.rend(), is_init);
  const bool fresh = last != changes.rend();
  const size_t first = fresh ? static_cast<size_t>(changes.rend() - last) - 1 : 0;
  auto got = pool_.get(id, Latch::exclusive, !fresh);
  RETURN_IF_ERROR(got.status());
  Frame& frame = *got.value().frame();
  const Lsn had = fresh ? Lsn() : lsn_of(frame.bytes());
  Lsn oldest;
  Lsn newest;
  for (size_t i = first; i < changes.size(); ++i) {
    const Change& c = changes[i];
    if (c.end <= had) {
      ++stats_.records_skipped;
      continue;
    }
    const Status applied = apply_page_op(c.op, id, c.args, pool_.bytes_of(frame));
    RETURN_IF_ERROR(applied.in(space_path(id.space) + " page " + std::to_string(id.page.value()) +
                               ", redo at lsn " + std::to_string(c.start.value())));
    ++stats_.records_applied;
    if (oldest == Lsn()) oldest = c.start;
    newest = c.end;
  }
  if (newest == Lsn()) return {};
  stamp_lsn(pool_.bytes_of(frame), newest);
  const MutexLock order(pool_.flush_order());
  pool_.note_change(frame, oldest, newest);
  return {};
}

}  // namespace aftersync::storage
