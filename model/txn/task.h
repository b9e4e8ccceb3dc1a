// Task: a statement that can stop in its middle and go on at the same place.
//
// InnoDB's statements wait row by row: what was read or changed before the wait stays, and after
// it the statement goes on where it stood. A model that ran statements again from their start would
// answer differently. So every part of a statement that may wait is a coroutine; the lock it waits
// for is co_awaited in the innermost one, and whoever grants the lock resumes that one.
//
// A Task runs at once until it first waits (most never do). It is awaited by its caller only, and
// whoever destroys the outermost Task destroys the inner ones with it.
#pragma once

#include <coroutine>
#include <utility>

#include "core/base/status.h"

namespace aftersync::model::txn {

class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  // Resumes the caller if it has begun to wait for this task.
  struct Finish {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle self) const noexcept;
    void await_resume() const noexcept {}
  };

  struct promise_type {
    Status result;
    std::coroutine_handle<> caller;

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] Finish final_suspend() const noexcept { return {}; }
    void return_value(Status status) { result = std::move(status); }
    void unhandled_exception() { CHECK(false); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool done() const { return handle_.done(); }
  // CHECK: done.
  [[nodiscard]] Status result() const {
    CHECK(done());
    return handle_.promise().result;
  }

  // co_await: the task's status.
  [[nodiscard]] bool await_ready() const noexcept { return handle_.done(); }
  void await_suspend(std::coroutine_handle<> caller) noexcept { handle_.promise().caller = caller; }
  [[nodiscard]] Status await_resume() const { return handle_.promise().result; }

 private:
  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_;
};

inline std::coroutine_handle<> Task::Finish::await_suspend(Handle self) const noexcept {
  const std::coroutine_handle<> caller = self.promise().caller;
  return caller ? caller : std::noop_coroutine();
}

}  // namespace aftersync::model::txn

// Ends the coroutine with the failure of `task`, if it fails.
#define CO_RETURN_IF_ERROR(task)                         \
  do {                                                   \
    const ::aftersync::Status status_ = co_await (task); \
    if (!status_.ok()) co_return status_;                \
  } while (false)
