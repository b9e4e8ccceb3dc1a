// SharedMutex: the page latch. All of it is one 64-bit word, so that the common calls are one
// atomic operation each.
//
//    63 ........ 48  | 47 ........ 33  | 32   || 31     | 30 ...... 15 | 14 ........ 0
//    readers waiting | writers waiting | turn || writer | grants       | readers inside
//
// A waiting writer keeps new readers out. That alone would let writers in a row keep readers out
// for good, so phases alternate: a writer that leaves *grants* entry to as many readers as wait,
// ahead of the writers that wait. Whoever waits is overtaken by one phase of the others at most,
// but for readers whose grant was taken by a reader who came later and was faster.
//
//   a reader enters when no writer is inside, and either none waits or there is a grant for it
//   a writer enters when the lower half is zero: nobody inside, no grants left
//
// Sleeping. Writers sleep on the lower half, readers on the upper half, each as long as it is what
// it was when it forbade them to enter. Whoever lets somebody in changes that half in the same
// operation, so a waiter that was about to sleep does not; and after that operation it calls wake
// without looking at the word again (futex.h says why that matters).
//
// Invariants
//   1. `turn` is set exactly while there are grants. It says so in the half that readers sleep on:
//      none falls asleep while there are grants.
//   2. There are at most as many grants as waiting readers, and no writer inside beside them. With
//      1: every grant is used, so grants never keep writers out for good.
//   3. Readers that wait without grants have a writer inside or waiting, whose leaving grants.
//   4. A writer is counted as waiting until the operation with which it enters; nobody gives up
//      waiting, so the counts are exact, and whoever leaves knows whom to wake.
#include <atomic>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/platform/posix/futex.h"
#include "core/platform/sync.h"

namespace aftersync {

namespace {

using posix::FutexWord;

using Word = std::atomic<uint64_t>;
static_assert(Word::is_always_lock_free);

constexpr uint64_t kIdle = 0;
constexpr uint64_t kReader = 1;
constexpr uint64_t kGrant = uint64_t{1} << 15;
constexpr uint64_t kWriter = uint64_t{1} << 31;
constexpr uint64_t kTurn = uint64_t{1} << 32;
constexpr uint64_t kWriterWaits = uint64_t{1} << 33;
constexpr uint64_t kReaderWaits = uint64_t{1} << 48;

constexpr uint64_t kReaders = kGrant - kReader;
constexpr uint64_t kGrants = kWriter - kGrant;
constexpr uint64_t kLowerHalf = kTurn - 1;
constexpr uint64_t kWritersWaiting = kReaderWaits - kWriterWaits;
constexpr uint64_t kReadersWaiting = ~(kReaderWaits - 1);
static_assert(kReadersWaiting / kReaderWaits == kGrants / kGrant, "a grant for every waiter");

constexpr int kSpins = 100;

// Only their addresses are used: the kernel compares the halves, we never read them alone.
const FutexWord& writers_sleep_on(const Word& word) {
  return reinterpret_cast<const FutexWord*>(&word)[0];
}
const FutexWord& readers_sleep_on(const Word& word) {
  return reinterpret_cast<const FutexWord*>(&word)[1];
}

bool newcomer_may_enter(uint64_t seen) { return (seen & (kWriter | kWritersWaiting)) == 0; }
bool waiter_may_enter(uint64_t seen) {
  return (seen & kGrants) != 0 || newcomer_may_enter(seen);  // invariant 2: no writer inside
}
bool writer_may_enter(uint64_t seen) { return (seen & kLowerHalf) == 0; }

// The word after a waiting reader has entered.
uint64_t after_waiter_entered(uint64_t seen) {
  uint64_t after = seen - kReaderWaits + kReader;
  if ((seen & kGrants) != 0) after -= kGrant;
  if ((after & kGrants) == 0) after &= ~kTurn;
  return after;
}

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

[[gnu::noinline]] void wait_and_enter_shared(Word& word) {
  uint64_t seen = word.load(std::memory_order_relaxed);
  while (true) {
    if (!waiter_may_enter(seen)) {
      posix::futex_wait(readers_sleep_on(word), static_cast<uint32_t>(seen >> 32));
      seen = word.load(std::memory_order_relaxed);
    } else if (word.compare_exchange_weak(seen, after_waiter_entered(seen),
                                          std::memory_order_acquire, std::memory_order_relaxed)) {
      return;
    }
  }
}

[[gnu::noinline]] void lock_shared_slow(Word& word) {
  uint64_t seen = spin_until(word, newcomer_may_enter);
  while (true) {
    const bool may_enter = newcomer_may_enter(seen);
    CHECK((seen & kReaders) != kReaders && (seen & kReadersWaiting) != kReadersWaiting);
    if (word.compare_exchange_weak(seen, seen + (may_enter ? kReader : kReaderWaits),
                                   std::memory_order_acquire, std::memory_order_relaxed)) {
      if (!may_enter) wait_and_enter_shared(word);
      return;
    }
  }
}

[[gnu::noinline]] void lock_slow(Word& word) {
  const uint64_t before = word.fetch_add(kWriterWaits, std::memory_order_relaxed);
  CHECK((before & kWritersWaiting) != kWritersWaiting);
  uint64_t seen = spin_until(word, writer_may_enter);
  while (true) {
    if (!writer_may_enter(seen)) {
      posix::futex_wait(writers_sleep_on(word), static_cast<uint32_t>(seen & kLowerHalf));
      seen = spin_until(word, writer_may_enter);
    } else if (word.compare_exchange_weak(seen, seen - kWriterWaits + kWriter,
                                          std::memory_order_acquire, std::memory_order_relaxed)) {
      return;
    }
  }
}

// Exchanges the writer inside for `instead` (nobody, or one reader), and grants entry to the
// readers that wait. Wakes whoever may enter now.
void replace_writer(Word& word, uint64_t instead) {
  uint64_t seen = word.load(std::memory_order_relaxed);
  uint64_t after = 0;
  CHECK((seen & kWriter) != 0);
  do {
    after = seen - kWriter + instead;
    const uint64_t waiting = (seen & kReadersWaiting) / kReaderWaits;
    if (waiting > 0) after = (after + waiting * kGrant) | kTurn;
  } while (!word.compare_exchange_weak(seen, after, std::memory_order_release,
                                       std::memory_order_relaxed));
  if ((after & kTurn) != 0) {
    if ((after & kWritersWaiting) != 0) PROBE("platform/latch-readers-before-writer");
    posix::futex_wake_all(readers_sleep_on(word));
  } else if (writer_may_enter(after) && (after & kWritersWaiting) != 0) {
    posix::futex_wake(writers_sleep_on(word), 1);
  }
}

[[gnu::noinline]] void unlock_slow(Word& word) { replace_writer(word, kIdle); }

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
  while (newcomer_may_enter(seen) && (seen & kReaders) != kReaders) {
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
  const bool lower_half_is_free = (before & kLowerHalf) == kReader;
  if (lower_half_is_free && (before & kWritersWaiting) != 0) [[unlikely]] {
    posix::futex_wake(writers_sleep_on(word), 1);
  }
}

void SharedMutex::downgrade() { replace_writer(state_.as<Word>(), kReader); }

void SharedMutex::assert_held_exclusive() const {
  CHECK((state_.as<Word>().load(std::memory_order_relaxed) & kWriter) != 0);
}

void SharedMutex::assert_held() const {
  CHECK((state_.as<Word>().load(std::memory_order_relaxed) & (kWriter | kReaders)) != 0);
}

}  // namespace aftersync
