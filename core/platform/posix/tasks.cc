// Tasks: POSIX threads.
//
// Signals: a task blocks all that another process may send, so that they reach the thread that
// main() runs on and nobody else; only what this thread itself causes (a wild pointer), and the
// profiler's, get through.
#include "core/platform/tasks.h"

#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>

#include <atomic>
#include <csignal>
#include <memory>

#include "core/base/check.h"
#include "core/platform/posix/futex.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/timespec.h"

namespace aftersync {

class TaskState {
 public:
  NodeState* node;
  std::string name;
  std::function<void()> body;
  pthread_t thread{};
};

namespace {

constexpr size_t kMaxThreadNameChars = 15;  // pthread_setname_np(3)

void* run(void* argument) {
  auto& task = *static_cast<TaskState*>(argument);
  ::pthread_setname_np(::pthread_self(), task.name.c_str());
  task.body();
  task.body = nullptr;  // what it captured dies on this task, before join() returns
  return nullptr;
}

sigset_t signals_of_others() {
  sigset_t set;
  ::sigfillset(&set);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF}) {
    ::sigdelset(&set, own);
  }
  return set;
}

}  // namespace

Task::~Task() { CHECK(state_ == nullptr); }

Task& Task::operator=(Task&& other) noexcept {
  CHECK(state_ == nullptr);
  state_ = other.state_;
  other.state_ = nullptr;
  return *this;
}

void Task::join() {
  CHECK(state_ != nullptr);
  CHECK(::pthread_equal(state_->thread, ::pthread_self()) == 0);
  CHECK_EQ(::pthread_join(state_->thread, nullptr), 0);
  state_->node->live_tasks.fetch_sub(1);
  delete state_;
  state_ = nullptr;
}

Task Tasks::spawn(std::string name, std::function<void()> body) {
  name.resize(std::min(name.size(), kMaxThreadNameChars));
  auto state = std::make_unique<TaskState>();
  state->node = &node_;
  state->name = std::move(name);
  state->body = std::move(body);
  node_.live_tasks.fetch_add(1);

  // The new thread inherits the mask of this one.
  const sigset_t blocked = signals_of_others();
  sigset_t before;
  CHECK_EQ(::pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  CHECK_EQ(::pthread_create(&state->thread, nullptr, run, state.get()), 0);
  CHECK_EQ(::pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
  return Task(state.release());
}

Status Tasks::sleep_for(Duration duration) { return sleep_until(posix::after(duration)); }

Status Tasks::sleep_until(MonoTime deadline) {
  if (node_.shutdown.wait_until(deadline) == WaitResult::timed_out) return {};
  return {Code::shutdown, "sleep: the node is shutting down"};
}

void Tasks::yield() { ::sched_yield(); }
void Tasks::spin_hint() { posix::cpu_pause(); }

void Tasks::request_shutdown() {
  node_.shutdown.set();
  const uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t written = ::write(node_.shutdown_fd.get(), &one, sizeof one);
}

bool Tasks::shutdown_requested() const { return node_.shutdown.is_set(); }

}  // namespace aftersync
