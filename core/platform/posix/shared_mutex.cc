// SharedMutex: the page latch. All of it is one 64-bit word, so that the common calls are one
// atomic operation each.
//
//    63 ........... 33 | 32              | 31     | 30 ........ 0
//    writers waiting   | readers waiting | writer | readers inside
//
// A reader enters while everything from bit 31 up is zero: no writer inside and none waiting, which
// is what gives writers precedence. A writer enters when the lower half is zero.
//
// Sleeping. Writers sleep on the lower half, readers on the upper half, each as long as it is what
// it was when it forbade them to enter. Whoever lets somebody in changes that half in the same
// operation, so a waiter that was about to sleep does not; and after that operation it calls wake
// without looking at the word again (futex.h says why that matters).
//
// Invariants
//   1. "Readers waiting" is set only beside a writer, inside or waiting: the operation after which
//      readers may enter clears it.
//   2. A writer is counted as waiting until the operation with which it enters; writers never give
//      up, so the count is exact and the last one out knows whom to wake.
//   3. Leaving with waiters behind wakes one writer if there is one, else all readers.
#include <atomic>

#include "core/base/check.h"
#include "core/platform/posix/futex.h"
#include "core/platform/sync.h"

namespace aftersync {

namespace {

using posix::FutexWord;

using Word = std::atomic<uint64_t>;
static_assert(Word::is_always_lock_free);

constexpr uint64_t kIdle = 0;
constexpr uint64_t kReader = 1;
constexpr uint64_t kWriter = uint64_t{1} << 31;
constexpr uint64_t kReadersWait = uint64_t{1} << 32;
constexpr uint64_t kWriterWaits = uint64_t{1} << 33;
constexpr uint64_t kReaders = kWriter - 1;
constexpr uint64_t kLowerHalf = (uint64_t{1} << 32) - 1;

constexpr int kSpins = 100;

// Only their addresses are used: the kernel compares the halves, we never read them alone.
const FutexWord& writers_sleep_on(const Word& word) {
  return reinterpret_cast<const FutexWord*>(&word)[0];
}
const FutexWord& readers_sleep_on(const Word& word) {
  return reinterpret_cast<const FutexWord*>(&word)[1];
}

bool reader_may_enter(uint64_t seen) { return (seen & kWriter) == 0 && seen < kWriterWaits; }
bool writer_may_enter(uint64_t seen) { return (seen & kLowerHalf) == 0; }

// Waits a little for a word that satisfies `accept`; returns the last one seen.
template <typename Accept>
uint64_t spin_until(const Word& word, Accept accept) {
  uint64_t seen = word.load(std::memory_order_relaxed);
  for (int i = 0; i < kSpins && !accept(seen); ++i) {
    posix::cpu_pause();
    seen = word.load(std::memory_order_relaxed);
  }
  return seen;
}

[[gnu::noinline]] void lock_shared_slow(Word& word) {
  uint64_t seen = spin_until(word, reader_may_enter);
  while (true) {
    if (reader_may_enter(seen)) {
      if (word.compare_exchange_weak(seen, seen + kReader, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
        return;
      }
    } else if ((seen & kReadersWait) == 0 &&
               !word.compare_exchange_weak(seen, seen | kReadersWait, std::memory_order_relaxed)) {
      // Changed under us: look again.
    } else {
      const auto upper = static_cast<uint32_t>((seen | kReadersWait) >> 32);
      posix::futex_wait(readers_sleep_on(word), upper);
      seen = word.load(std::memory_order_relaxed);
    }
  }
}

[[gnu::noinline]] void lock_slow(Word& word) {
  word.fetch_add(kWriterWaits, std::memory_order_relaxed);
  uint64_t seen = spin_until(word, writer_may_enter);
  while (true) {
    if (writer_may_enter(seen)) {
      if (word.compare_exchange_weak(seen, seen - kWriterWaits + kWriter, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
        return;
      }
    } else {
      posix::futex_wait(writers_sleep_on(word), static_cast<uint32_t>(seen & kLowerHalf));
      seen = spin_until(word, writer_may_enter);
    }
  }
}

// Exchanges the writer inside for `instead` (nobody, or one reader). Returns the word before.
uint64_t replace_writer(Word& word, uint64_t instead) {
  uint64_t seen = word.load(std::memory_order_relaxed);
  CHECK((seen & kWriter) != 0);
  while (true) {
    uint64_t after = seen - kWriter + instead;
    if (seen < kWriterWaits) after &= ~kReadersWait;  // they may enter
    if (word.compare_exchange_weak(seen, after, std::memory_order_release,
                                   std::memory_order_relaxed)) {
      return seen;
    }
  }
}

[[gnu::noinline]] void unlock_slow(Word& word) {
  const uint64_t before = replace_writer(word, kIdle);
  if (before >= kWriterWaits) {
    posix::futex_wake(writers_sleep_on(word), 1);
  } else if ((before & kReadersWait) != 0) {
    posix::futex_wake_all(readers_sleep_on(word));
  }
}

}  // namespace

SharedMutex::~SharedMutex() { CHECK_EQ(state_.as<Word>().load(std::memory_order_relaxed), kIdle); }

void SharedMutex::lock() {
  if (!try_lock()) [[unlikely]]
    lock_slow(state_.as<Word>());
}

bool SharedMutex::try_lock() {
  uint64_t expected = kIdle;
  return state_.as<Word>().compare_exchange_strong(expected, kWriter, std::memory_order_acquire,
                                                   std::memory_order_relaxed);
}

void SharedMutex::unlock() {
  auto& word = state_.as<Word>();
  uint64_t expected = kWriter;
  if (!word.compare_exchange_strong(expected, kIdle, std::memory_order_release,
                                    std::memory_order_relaxed)) [[unlikely]] {
    unlock_slow(word);
  }
}

void SharedMutex::lock_shared() {
  if (!try_lock_shared()) [[unlikely]]
    lock_shared_slow(state_.as<Word>());
}

bool SharedMutex::try_lock_shared() {
  auto& word = state_.as<Word>();
  uint64_t seen = word.load(std::memory_order_relaxed);
  while (seen < kWriter) {
    if (word.compare_exchange_weak(seen, seen + kReader, std::memory_order_acquire,
                                   std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void SharedMutex::unlock_shared() {
  auto& word = state_.as<Word>();
  const uint64_t before = word.fetch_sub(kReader, std::memory_order_release);
  CHECK((before & kReaders) != 0);
  const bool was_last = (before & kReaders) == kReader;
  if (was_last && before >= kWriterWaits) [[unlikely]] {
    posix::futex_wake(writers_sleep_on(word), 1);
  }
}

void SharedMutex::downgrade() {
  auto& word = state_.as<Word>();
  const uint64_t before = replace_writer(word, kReader);
  if (before < kWriterWaits && (before & kReadersWait) != 0) {
    posix::futex_wake_all(readers_sleep_on(word));
  }
}

void SharedMutex::assert_held_exclusive() const {
  CHECK((state_.as<Word>().load(std::memory_order_relaxed) & kWriter) != 0);
}

void SharedMutex::assert_held() const {
  CHECK((state_.as<Word>().load(std::memory_order_relaxed) & (kWriter | kReaders)) != 0);
}

}  // namespace aftersync
