// CHECK: the default handler, and the one place that stores which handler is in force.
#include "core/base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace aftersync {

namespace {

void print_and_abort(const char* file, int line, const char* expression, std::string_view detail) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s", file, line, expression);
  if (!detail.empty()) {
    std::fprintf(stderr, " (%.*s)", static_cast<int>(detail.size()), detail.data());
  }
  std::fputc('\n', stderr);
  std::abort();
}

constinit std::atomic<CheckFailedHandler> current_handler{print_and_abort};

}  // namespace

CheckFailedHandler set_check_failed_handler(CheckFailedHandler handler) {
  return current_handler.exchange(handler != nullptr ? handler : print_and_abort);
}

void check_failed(const char* file, int line, const char* expression, std::string_view detail) {
  current_handler.load()(file, line, expression, detail);
  std::abort();
}

}  // namespace aftersync
