// Rng: getrandom(2), the kernel's generator for secrets. Not buffered: a number that has been
// handed out lies nowhere in our memory, and a fork cannot hand it out again.
#include "core/platform/rng.h"

#include <sys/random.h>

#include <cerrno>

#include "core/base/check.h"

namespace aftersync {

uint64_t Rng::next() {
  uint64_t value = 0;
  fill({reinterpret_cast<char*>(&value), sizeof value});
  return value;
}

void Rng::fill(std::span<char> into) {
  while (!into.empty()) {
    const ssize_t got = ::getrandom(into.data(), into.size(), 0);
    if (got < 0) {
      CHECK_EQ(errno, EINTR);
      continue;
    }
    into = into.subspan(static_cast<size_t>(got));
  }
}

}  // namespace aftersync
