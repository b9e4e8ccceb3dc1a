// Queues of locks: requests, grants, inheritance, release.
#include "model/txn/lock_table.h"

#include <algorithm>
#include <tuple>

namespace aftersync::model::txn {
namespace {

// Rule 6.
LockShape on_supremum(LockShape shape) {
  if (shape.kind == Kind::gap) shape.kind = Kind::next_key;
  return shape;
}

}  // namespace

IndexId LockTable::add_index(KeyLess order) {
  indexes_.emplace_back(std::move(order));
  return static_cast<IndexId>(indexes_.size() - 1);
}

LockTable::Queue& LockTable::queue_of(const RecordId& record) {
  Index& index = indexes_.at(record.index);
  return record.key ? index.records[*record.key] : index.supremum;
}

const LockTable::Queue* LockTable::find_queue(const RecordId& record) const {
  const Index& index = indexes_.at(record.index);
  if (!record.key) return &index.supremum;
  const auto found = index.records.find(*record.key);
  return found == index.records.end() ? nullptr : &found->second;
}

const Lock* LockTable::sufficient(const Queue& queue, const Transaction& owner, LockShape shape,
                                  bool supremum) {
  for (const Lock& lock : queue) {
    if (lock.owner == &owner && !lock.waiting && suffices(lock.shape, shape, supremum)) {
      return &lock;
    }
  }
  return nullptr;
}

Grant LockTable::request(Transaction& owner, const RecordId& record, LockShape shape,
                         bool enqueue) {
  CHECK(!owner.wait);
  const bool supremum = !record.key;
  if (supremum) shape = on_supremum(shape);
  const Queue& queue = queue_of(record);
  if (sufficient(queue, owner, shape, supremum) != nullptr) return Grant::held;
  if (shape.kind == Kind::next_key && !supremum &&
      sufficient(queue, owner, {shape.mode, Kind::record}, false) != nullptr) {
    return request(owner, record, {shape.mode, Kind::gap}, enqueue);
  }
  if (would_wait(owner, record, shape)) {
    if (enqueue) add_waiting(owner, record, shape);
    return Grant::waiting;
  }
  add_granted(owner, record, shape);
  return Grant::fresh;
}

Grant LockTable::request_implicit(Transaction& owner, const RecordId& record, LockShape shape) {
  CHECK(!owner.wait);
  const Queue* queue = find_queue(record);
  if (queue != nullptr && sufficient(*queue, owner, shape, !record.key) != nullptr) {
    return Grant::held;
  }
  if (!would_wait(owner, record, shape)) return Grant::fresh;
  add_waiting(owner, record, shape);
  return Grant::waiting;
}

bool LockTable::would_wait(const Transaction& owner, const RecordId& record,
                           LockShape shape) const {
  const Queue* queue = find_queue(record);
  if (queue == nullptr) return false;
  return std::any_of(queue->begin(), queue->end(), [&](const Lock& lock) {
    return lock.owner != &owner && must_wait(shape, lock.shape, !record.key);
  });
}

void LockTable::make_explicit(Transaction& owner, const RecordId& record) {
  constexpr LockShape kImplicit = {Mode::exclusive, Kind::record};
  if (sufficient(queue_of(record), owner, kImplicit, false) == nullptr) {
    add_granted(owner, record, kImplicit);
  }
}

void LockTable::add_granted(Transaction& owner, const RecordId& record, LockShape shape) {
  if (!record.key) shape = on_supremum(shape);
  Queue& queue = queue_of(record);
  const auto same = [&](const Lock& lock) {
    return lock.owner == &owner && !lock.waiting && lock.shape == shape;
  };
  const auto waiting = [](const Lock& lock) { return lock.waiting; };
  const bool somebody_waits = std::any_of(queue.begin(), queue.end(), waiting);
  const bool new_shape = owner.lock_shapes.emplace(record.index, shape.mode, shape.kind).second;
  if (std::any_of(queue.begin(), queue.end(), same)) return;
  if (new_shape || somebody_waits) ++owner.lock_structures;
  queue.push_back({&owner, shape, false, next_number_++});
}

void LockTable::add_waiting(Transaction& owner, const RecordId& record, LockShape shape) {
  ++owner.lock_structures;
  queue_of(record).push_back({&owner, shape, true, next_number_++});
  owner.wait = Wait{record, nullptr, 0, false, Status()};
}

void LockTable::inherit(const Queue& from, const RecordId& heir, bool only_gaps) {
  for (const Lock& lock : from) {
    if (lock.shape.kind == Kind::insert_intention) continue;
    if (only_gaps && lock.shape.kind == Kind::record) continue;
    if (!only_gaps && !lock.owner->locks_gaps() && lock.shape.mode == Mode::exclusive) continue;
    add_granted(*lock.owner, heir, {lock.shape.mode, Kind::gap});
  }
}

void LockTable::record_inserted(const RecordId& record, const RecordId& successor) {
  const Queue from = queue_of(successor);  // a copy: the new record's queue may be its neighbour
  inherit(from, record, true);
}

void LockTable::record_removed(const RecordId& record, const RecordId& successor) {
  const Queue from = std::exchange(queue_of(record), {});
  inherit(from, successor, false);
  for (const Lock& lock : from) {
    if (lock.waiting) {  // its structure stays, for the next lock of that shape
      lock.owner->lock_shapes.emplace(record.index, lock.shape.mode, lock.shape.kind);
      wake(*lock.owner, Status());
    }
  }
  indexes_.at(record.index).records.erase(*record.key);
}

void LockTable::record_resized(const RecordId& record) {
  for (const Lock& lock : queue_of(record)) {
    if (lock.waiting) lock.owner->lock_structures += 2;
  }
}

void LockTable::wake(Transaction& owner, Status result) {
  owner.wait->over = true;
  owner.wait->result = std::move(result);
  woken_.push_back(&owner);
}

void LockTable::grant_waiting(Queue& queue, bool supremum) {
  for (size_t i = 0; i < queue.size(); ++i) {
    Lock& lock = queue[i];
    if (!lock.waiting) continue;
    const bool blocked = std::any_of(
        queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(i), [&](const Lock& before) {
          return before.owner != lock.owner && must_wait(lock.shape, before.shape, supremum);
        });
    if (blocked) continue;
    lock.waiting = false;
    lock.owner->lock_shapes.emplace(lock.owner->wait->record.index, lock.shape.mode,
                                    lock.shape.kind);
    wake(*lock.owner, Status());
  }
}

void LockTable::release(Transaction& owner, const RecordId& record, Mode mode, bool any_kind) {
  Queue& queue = queue_of(record);
  const auto found = std::find_if(queue.begin(), queue.end(), [&](const Lock& lock) {
    return lock.owner == &owner && !lock.waiting && lock.shape.mode == mode &&
           (any_kind || lock.shape.kind == Kind::record);
  });
  CHECK(found != queue.end());
  queue.erase(found);
  grant_waiting(queue, !record.key);
}

void LockTable::release_all(Transaction& owner) {
  std::map<uint64_t, RecordId> mine;
  for (const ListedLock& listed : list()) {
    if (listed.lock.owner == &owner) mine.emplace(listed.lock.number, listed.record);
  }
  // The latest first, as InnoDB does: that is the order in which it grants what waited for them.
  for (auto at = mine.rbegin(); at != mine.rend(); ++at) {
    Queue& queue = queue_of(at->second);
    std::erase_if(queue, [&](const Lock& lock) { return lock.number == at->first; });
    grant_waiting(queue, !at->second.key);
  }
  owner.table_locks.clear();
  owner.lock_shapes.clear();
  owner.lock_structures = 0;
}

void LockTable::cancel_wait(Transaction& owner, Status result) {
  CHECK(owner.wait && !owner.wait->over);
  const RecordId record = owner.wait->record;
  Queue& queue = queue_of(record);
  std::erase_if(queue, [&](const Lock& lock) { return lock.owner == &owner && lock.waiting; });
  --owner.lock_structures;
  wake(owner, std::move(result));
  grant_waiting(queue, !record.key);
}

std::vector<Transaction*> LockTable::blockers(const Transaction& waiting) const {
  std::vector<Transaction*> found;
  if (!waiting.wait || waiting.wait->over) return found;
  const Queue& queue = *find_queue(waiting.wait->record);
  const auto mine = std::find_if(queue.begin(), queue.end(), [&](const Lock& lock) {
    return lock.owner == &waiting && lock.waiting;
  });
  for (auto lock = queue.begin(); lock != mine; ++lock) {
    if (lock->owner == &waiting || std::ranges::find(found, lock->owner) != found.end()) continue;
    if (must_wait(mine->shape, lock->shape, !waiting.wait->record.key)) {
      found.push_back(lock->owner);
    }
  }
  return found;
}

std::vector<ListedLock> LockTable::list() const {
  std::vector<ListedLock> found;
  for (IndexId id = 0; id < indexes_.size(); ++id) {
    for (const auto& [key, queue] : indexes_[id].records) {
      for (const Lock& lock : queue) found.push_back({{id, key}, lock});
    }
    for (const Lock& lock : indexes_[id].supremum) found.push_back({{id, std::nullopt}, lock});
  }
  return found;
}

}  // namespace aftersync::model::txn
