// CHECK: invariants that stay on in release builds, and `maybe`, the note that a thing may be so.
//
// A storage engine that notices it is wrong must stop before it writes. A CHECK states what the
// author knows to be true; it is never a way to handle bad input (that is a Status) and never has a
// side effect. Assert before writing and after reading.
//
// A failed CHECK calls the process's handler. The default prints file, line and expression and
// aborts. The simulator installs its own, which turns the failure into a finding with a seed. This
// handler is the one process-wide hook that core has: a CHECK must work where no Node is at hand.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace aftersync {

// `detail` holds the two values of a comparison, or is empty. Must not return.
using CheckFailedHandler = void (*)(const char* file, int line, const char* expression,
                                    std::string_view detail);

// Returns the handler that was in force. Call it before any other task runs.
CheckFailedHandler set_check_failed_handler(CheckFailedHandler handler);

[[noreturn]] void check_failed(const char* file, int line, const char* expression,
                               std::string_view detail = {});

namespace check_internal {

template <typename T>
std::string repr(const T& value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::integral<T> || std::floating_point<T>) {
    return std::to_string(value);
  } else if constexpr (requires { std::string_view(value); }) {
    return "\"" + std::string(std::string_view(value)) + "\"";
  } else if constexpr (requires { std::to_string(value.value()); }) {
    return std::to_string(value.value());
  } else {
    return "?";
  }
}

template <typename A, typename B>
[[noreturn]] void comparison_failed(const char* file, int line, const char* expression, const A& a,
                                    const B& b) {
  check_failed(file, line, expression, repr(a) + " against " + repr(b));
}

}  // namespace check_internal

// Documents that `condition` is sometimes true and sometimes not, and that both are expected here.
// Evaluates to `condition`.
[[nodiscard]] constexpr bool maybe(bool condition) { return condition; }

}  // namespace aftersync

#define CHECK(condition)                                         \
  do {                                                           \
    if (!(condition)) [[unlikely]]                               \
      ::aftersync::check_failed(__FILE__, __LINE__, #condition); \
  } while (false)

#define AFTERSYNC_CHECK_COMPARE(a, op, b)                                                   \
  do {                                                                                      \
    const auto& check_a = (a);                                                              \
    const auto& check_b = (b);                                                              \
    if (!(check_a op check_b)) [[unlikely]]                                                 \
      ::aftersync::check_internal::comparison_failed(__FILE__, __LINE__, #a " " #op " " #b, \
                                                     check_a, check_b);                     \
  } while (false)

#define CHECK_EQ(a, b) AFTERSYNC_CHECK_COMPARE(a, ==, b)
#define CHECK_NE(a, b) AFTERSYNC_CHECK_COMPARE(a, !=, b)
#define CHECK_LT(a, b) AFTERSYNC_CHECK_COMPARE(a, <, b)
#define CHECK_LE(a, b) AFTERSYNC_CHECK_COMPARE(a, <=, b)
#define CHECK_GT(a, b) AFTERSYNC_CHECK_COMPARE(a, >, b)
#define CHECK_GE(a, b) AFTERSYNC_CHECK_COMPARE(a, >=, b)
// For a Status or Result that must be OK; prints the Status.
#define CHECK_OK(expr)                                                                   \
  do {                                                                                   \
    if (const auto& check_status = (expr); !check_status.ok()) [[unlikely]]              \
      ::aftersync::check_failed(__FILE__, __LINE__, #expr,                               \
                                ::aftersync::check_internal::status_text(check_status)); \
  } while (false)

namespace aftersync::check_internal {

template <typename S>
std::string status_text(const S& s) {
  if constexpr (requires { s.to_string(); }) {
    return s.to_string();
  } else {
    return s.status().to_string();
  }
}

}  // namespace aftersync::check_internal
