// Status and Result: how every fallible call in aftersync answers.
//
// A caller has only three sane reactions to a failure: tell whoever asked, try again, or stop the
// process before it does harm. So each code belongs to exactly one class, and code that has no
// opinion about a particular code can still act on its class. Exceptions never cross a module
// border: an error that matters is a value that the compiler makes you look at.
//
// An OK Status is one null pointer: it costs nothing to return and nothing to test.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/check.h"

namespace aftersync {

enum class Code : uint8_t {
  ok,
  // Tell the client: the request cannot be carried out as it stands.
  invalid_argument,   // malformed or out of its documented range
  not_found,          // the named thing does not exist
  already_exists,     // the named thing exists and must not
  duplicate_key,      // a unique index holds that key already
  too_large,          // exceeds a limit of core/base/limits.h
  unsupported,        // understood, and refused by name
  permission_denied,  // the caller may not
  no_space,           // ENOSPC, EDQUOT: the device is full; reads still work
  bad_state,          // the object cannot do this now (finished transaction, closed file)
  // Retry: the same request may succeed later, unchanged.
  timed_out,          // a deadline passed
  unavailable,        // refused, unreachable, busy, locked by another process
  connection_lost,    // reset by the peer, or the stream ended inside a message
  shutdown,           // this node is shutting down
  deadlock,           // chosen as the victim; the transaction is rolled back
  lock_wait_timeout,  // innodb_lock_wait_timeout passed
  conflict,           // write-write conflict under snapshot isolation
  // Stop: going on could lose or invent data.
  corruption,  // what was read is not what was written
  io_error,    // EIO, or a failed sync: what reached the device is unknown
  internal,    // an invariant that a Status, not a CHECK, reports
};

enum class CodeClass : uint8_t { ok, client, retry, stop };

[[nodiscard]] constexpr CodeClass class_of(Code code) {
  if (code == Code::ok) return CodeClass::ok;
  if (code < Code::timed_out) return CodeClass::client;
  if (code < Code::corruption) return CodeClass::retry;
  return CodeClass::stop;
}

// The code's name as written above, for messages and tests.
[[nodiscard]] std::string_view to_string(Code code);

// Thread safety: a Status is a value; distinct objects are independent.
class [[nodiscard]] Status {
 public:
  Status() = default;
  // `code` must not be ok. `message` says what and where: file, page, offset, expected, found.
  Status(Code code, std::string message);
  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;

  [[nodiscard]] bool ok() const { return rep_ == nullptr; }
  [[nodiscard]] Code code() const { return ok() ? Code::ok : rep_->code; }
  [[nodiscard]] CodeClass code_class() const { return class_of(code()); }
  [[nodiscard]] std::string_view message() const;
  // "corruption: t1.ibd page 7: ..." or "ok".
  [[nodiscard]] std::string to_string() const;
  // The same failure with "`where`: " put before its message; an OK Status stays OK.
  [[nodiscard]] Status in(std::string_view where) const;

 private:
  struct Rep {
    Code code;
    std::string message;
  };
  std::unique_ptr<Rep> rep_;
};

// Either a T or the Status that explains why there is none. Constructing it from an OK Status is
// a programming error (CHECK).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : rep_(std::in_place_index<1>, std::move(value)) {}
  Result(Status status) : rep_(std::in_place_index<0>, std::move(status)) {
    CHECK(!std::get<0>(rep_).ok());
  }
  Result(Code code, std::string message) : Result(Status(code, std::move(message))) {}

  [[nodiscard]] bool ok() const { return rep_.index() == 1; }
  [[nodiscard]] Status status() const { return ok() ? Status() : std::get<0>(rep_); }
  [[nodiscard]] Code code() const { return ok() ? Code::ok : std::get<0>(rep_).code(); }

  // CHECK fails when there is no value.
  T& value() & {
    CHECK(ok());
    return std::get<1>(rep_);
  }
  const T& value() const& {
    CHECK(ok());
    return std::get<1>(rep_);
  }
  // By value, so that `for (auto& name : *disk.list(""))` does not walk over a dead Result.
  T value() && {
    CHECK(ok());
    return std::move(std::get<1>(rep_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<Status, T> rep_;
};

}  // namespace aftersync

// Returns from the calling function when `expr`, a Status, is a failure.
#define RETURN_IF_ERROR(expr)                                                  \
  do {                                                                         \
    if (::aftersync::Status status_from_expr = (expr); !status_from_expr.ok()) \
      return status_from_expr;                                                 \
  } while (false)

#define AFTERSYNC_CONCAT_INNER(a, b) a##b
#define AFTERSYNC_CONCAT(a, b) AFTERSYNC_CONCAT_INNER(a, b)

// ASSIGN_OR_RETURN(auto file, disk.open(...)): binds the value, or returns the Status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_INNER(AFTERSYNC_CONCAT(result_from_expr_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_INNER(result, lhs, expr) \
  auto result = (expr);                           \
  if (!result.ok()) return result.status();       \
  lhs = std::move(result).value()
