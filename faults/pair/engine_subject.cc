// EngineSubject: sessions as tasks, and when they are all still.
#include "faults/pair/engine_subject.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/base/check.h"

namespace aftersync::faults {

namespace mt = model::txn;

namespace {

mt::LockShape shape_of(txn::LockType type) {
  const auto mode = [&] {
    switch (type.mode) {
      case txn::LockMode::is: return mt::Mode::intention_shared;
      case txn::LockMode::ix: return mt::Mode::intention_exclusive;
      case txn::LockMode::s: return mt::Mode::shared;
      case txn::LockMode::x: return mt::Mode::exclusive;
      case txn::LockMode::auto_inc: break;
    }
    CHECK(false);
  };
  const auto kind = [&] {
    switch (type.reach) {
      case txn::LockReach::table: return mt::Kind::table;
      case txn::LockReach::next_key: return mt::Kind::next_key;
      case txn::LockReach::record: return mt::Kind::record;
      case txn::LockReach::gap: return mt::Kind::gap;
      case txn::LockReach::insert_intention: return mt::Kind::insert_intention;
    }
    CHECK(false);
  };
  return {mode(), kind()};
}

}  // namespace

EngineSubject::EngineSubject(Node& node, txn::TransactionManager& manager, mt::Defaults settings,
                             std::string prefix)
    : node_(node), manager_(manager), settings_(settings), prefix_(std::move(prefix)) {
  manager_.locks().set_observer(&turn_);
}

// Who is idle rolls back, and that sets others free. Where nobody is, deadlocks have been missed.
EngineSubject::~EngineSubject() {
  std::map<mt::SessionId, std::vector<mt::SessionId>> waiting;
  do {
    waiting = waits();
    for (auto& [id, worker] : workers_) {
      if (!waiting.contains(id)) (void)send(id, mt::Rollback{});
    }
    if (!waiting.empty() && waiting.size() == workers_.size())
      (void)time_out(waiting.begin()->first);
  } while (!waiting.empty());
  for (auto& [id, worker] : workers_) {
    {
      const MutexLock lock(worker->mutex);
      worker->is_over = true;
    }
    worker->wake.notify_one();
    worker->task.join();
  }
  manager_.locks().set_observer(nullptr);
}

EngineSubject::Worker& EngineSubject::worker(mt::SessionId session) {
  std::unique_ptr<Worker>& found = workers_[session];
  if (found == nullptr) {
    found = std::make_unique<Worker>();
    found->session =
        std::make_unique<EngineSession>(manager_, tables_, numbers_, session, settings_);
    found->task = node_.tasks().spawn("session", [this, of = found.get()] { work(*of); });
  }
  return *found;
}

void EngineSubject::work(Worker& worker) {
  while (true) {
    std::optional<mt::Statement> statement;
    {
      const MutexLock lock(worker.mutex);
      while (!worker.statement && !worker.is_over) worker.wake.wait(worker.mutex);
      if (worker.is_over) return;
      statement.swap(worker.statement);
    }
    turn_.ends();
    mt::Answer answer = worker.session->execute(*statement);
    turn_.begins();
    {
      const MutexLock lock(worker.mutex);
      worker.answer = std::move(answer);
    }
    busy_.fetch_sub(1);
  }
}

void EngineSubject::give(Worker& worker, const mt::Statement& statement) {
  busy_.fetch_add(1);
  {
    const MutexLock lock(worker.mutex);
    CHECK(!worker.statement && !worker.answer);
    worker.statement = statement;
  }
  worker.wake.notify_one();
}

// Busy sessions only get fewer here, and no more of them wait than are busy. So if as many wait as
// were busy just before, all of them wait.
void EngineSubject::wait_until_still() {
  constexpr Duration kLongest = 1ms;
  Duration pause = 1us;
  while (true) {
    const uint64_t busy = busy_.load();
    if (manager_.locks().stats().waiting == busy) return;
    (void)node_.tasks().sleep_for(pause);
    pause = std::min(pause * 2, kLongest);
  }
}

std::vector<mt::Answer> EngineSubject::take_answers() {
  std::vector<mt::Answer> answers;
  for (auto& [id, worker] : workers_) {
    const MutexLock lock(worker->mutex);
    if (worker->answer) answers.push_back(*std::exchange(worker->answer, std::nullopt));
  }
  return answers;
}

void EngineSubject::create(const mt::CreateTable& create) {
  const auto id = static_cast<mt::TableId>(tables_.size());
  auto table =
      ScriptTable::create(manager_.engine(), prefix_ + std::to_string(id), id, create.schema);
  CHECK_OK(table);
  tables_.push_back(*std::move(table));
}

std::vector<mt::Answer> EngineSubject::send(mt::SessionId session, const mt::Statement& statement) {
  if (const auto* const definition = std::get_if<mt::CreateTable>(&statement)) {
    create(*definition);
    mt::Answer done;
    done.session = session;
    return {done};
  }
  give(worker(session), statement);
  wait_until_still();
  return take_answers();
}

std::vector<mt::Answer> EngineSubject::time_out(mt::SessionId session) {
  worker(session).session->time_out();
  wait_until_still();
  return take_answers();
}

std::map<mt::SessionId, std::vector<mt::SessionId>> EngineSubject::waits() const {
  std::map<mt::SessionId, std::vector<mt::SessionId>> found;
  for (const txn::LockWaitInfo& wait : manager_.locks().list_waits()) {
    std::vector<mt::SessionId>& others = found[numbers_.of(wait.waits.owner)];
    const mt::SessionId other = numbers_.of(wait.blocked_by.owner);
    if (std::ranges::find(others, other) == others.end()) others.push_back(other);
  }
  return found;
}

mt::LockInfo EngineSubject::info_of(const txn::LockInfo& lock) const {
  mt::LockInfo info;
  info.session = numbers_.of(lock.owner);
  info.shape = shape_of(lock.type);
  info.waiting = lock.waiting;
  for (const auto& table : tables_) {
    if (lock.kind == txn::LockTarget::Kind::table) {
      if (table->table().id().value() == lock.object) info.table = table->shape().schema().name;
      continue;
    }
    const std::optional<size_t> index = table->find_index(IndexId(lock.object));
    if (!index) continue;
    info.table = table->shape().schema().name;
    info.index = table->shape().index_name(*index);
    if (lock.kind == txn::LockTarget::Kind::record) info.key = table->key_of(*index, lock.key);
  }
  return info;
}

std::optional<std::vector<mt::LockInfo>> EngineSubject::locks() const {
  std::vector<mt::LockInfo> found;
  for (const txn::LockInfo& lock : manager_.locks().list_locks()) found.push_back(info_of(lock));
  return found;
}

}  // namespace aftersync::faults
