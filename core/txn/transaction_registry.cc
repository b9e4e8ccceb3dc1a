// TransactionRegistry: entering, leaving, opening views.
#include "core/txn/transaction_registry.h"

#include <optional>

#include "core/base/check.h"
#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::txn {

TransactionRegistry::TransactionRegistry(storage::Engine& engine) : engine_(engine) {
  {
    const MutexLock lock(mutex_);
    note_oldest();
    pass_on_limit();
  }
  // A purge that began under another limit has ended when this one has.
  CHECK_OK(engine_.purge(0));
}

TransactionRegistry::~TransactionRegistry() {
  CHECK(active_.empty());
  CHECK(views_.empty());
  engine_.set_purge_limit(UINT64_MAX);
}

template <typename Use>
Status TransactionRegistry::draw(Use&& use) {
  while (true) {
    {
      const MutexLock lock(mutex_);
      const std::optional<uint64_t> number = engine_.ids().try_next_id();
      if (number) {
        use(*number);
        return {};
      }
    }
    PROBE("transaction-registry/ids-used-up");
    RETURN_IF_ERROR(engine_.ids().prepare_ids());
  }
}

Status TransactionRegistry::assign_id(Entry& entry) {
  if (entry.id_.value() != 0) return {};
  if (AFTERSYNC_FAULT("bug/view-race")) {
    RETURN_IF_ERROR(draw([&](uint64_t number) { entry.id_ = TrxId(number); }));
    engine_.pages().node().tasks().yield();
    const MutexLock lock(mutex_);
    active_.emplace(entry.id_.value(), &entry);
    note_oldest();
    return {};
  }
  return draw([&](uint64_t number) {
    entry.id_ = TrxId(number);
    active_.emplace_hint(active_.end(), number, &entry);
    note_oldest();
  });
}

Result<uint64_t> TransactionRegistry::begin_commit(Entry& entry) {
  CHECK_NE(entry.id_.value(), uint64_t{0});
  RETURN_IF_ERROR(draw([&](uint64_t number) {
    entry.commit_number_ = number;
    committing_.push_back(entry);
  }));
  return entry.commit_number_;
}

void TransactionRegistry::cancel_commit(Entry& entry) {
  const MutexLock lock(mutex_);
  committing_.erase(Committing::s_iterator_to(entry));
  pass_on_limit();
}

void TransactionRegistry::end(Entry& entry) {
  if (entry.id_.value() == 0) return;
  const MutexLock lock(mutex_);
  CHECK_EQ(active_.erase(entry.id_.value()), size_t{1});
  if (entry.committing_hook_.is_linked()) {
    committing_.erase(Committing::s_iterator_to(entry));
  }
  note_oldest();
  pass_on_limit();
}

// --- views ---

uint64_t TransactionRegistry::limit_now() const {
  if (AFTERSYNC_FAULT("bug/purge-too-early")) return UINT64_MAX;
  return committing_.empty() ? engine_.ids().id_limit() : committing_.front().commit_number_;
}

void TransactionRegistry::pass_on_limit() {
  engine_.set_purge_limit(views_.empty() ? limit_now() : views_.front().purge_limit());
}

void TransactionRegistry::note_oldest() {
  oldest_active_.store(active_.empty() ? engine_.ids().id_limit() : active_.begin()->first,
                       std::memory_order_release);
}

void TransactionRegistry::open_view(ReadView& view) {
  CHECK(!view.is_open());
  const MutexLock lock(mutex_);
  view.limit_ = engine_.ids().id_limit();
  view.purge_limit_ = limit_now();
  view.active_.clear();
  for (const auto& [id, entry] : active_) view.active_.push_back(id);
  view.lowest_active_ = view.active_.empty() ? view.limit_ : view.active_.front();
  views_.push_back(view);
  view.is_open_ = true;
}

void TransactionRegistry::close_view(ReadView& view) {
  const MutexLock lock(mutex_);
  views_.erase(Views::s_iterator_to(view));
  view.is_open_ = false;
  pass_on_limit();
}

// --- questions ---

bool TransactionRegistry::is_active(TrxId id) {
  if (id.value() < oldest_active_.load(std::memory_order_acquire)) return false;
  const MutexLock lock(mutex_);
  return active_.contains(id.value());
}

bool TransactionRegistry::has_active_besides(TrxId id) {
  const MutexLock lock(mutex_);
  return active_.size() > (active_.contains(id.value()) ? 1 : 0);
}

bool TransactionRegistry::make_explicit(TrxId id, LockTable& locks, const LockTarget& target) {
  if (id.value() < oldest_active_.load(std::memory_order_acquire)) return false;
  const MutexLock lock(mutex_);
  const auto found = active_.find(id.value());
  return found != active_.end() && locks.add_implicit(found->second->locks_, target);
}

size_t TransactionRegistry::active_count() {
  const MutexLock lock(mutex_);
  return active_.size();
}

size_t TransactionRegistry::view_count() {
  const MutexLock lock(mutex_);
  return views_.size();
}

}  // namespace aftersync::txn
