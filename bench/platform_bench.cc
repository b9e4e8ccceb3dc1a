// Microbenchmarks of the floor: what a lock, a wake-up and a checksum cost, beside their peers in
// the standard library. Names end in the implementation: aftersync, std, or one variant of ours.
//
// The aim of the seam is that nobody pays for it: an uncontended Mutex within 1.5 times of
// std::mutex, and a latch that a B+tree descent can afford on every level.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "core/base/crc32c.h"
#include "core/base/prng.h"
#include "core/platform/sync.h"

namespace aftersync {
namespace {

template <typename Lock>
void lock_unlock(benchmark::State& state) {
  static Lock lock;
  for (auto _ : state) {
    lock.lock();
    benchmark::ClobberMemory();
    lock.unlock();
  }
  state.SetItemsProcessed(state.iterations());
}

template <typename Lock>
void lock_unlock_shared(benchmark::State& state) {
  static Lock lock;
  for (auto _ : state) {
    lock.lock_shared();
    benchmark::ClobberMemory();
    lock.unlock_shared();
  }
  state.SetItemsProcessed(state.iterations());
}

// Nine readers to a writer, each with a little work inside.
template <typename Lock>
void read_mostly(benchmark::State& state) {
  static Lock lock;
  static uint64_t value = 0;
  uint64_t turn = static_cast<uint64_t>(state.thread_index()) * 3;
  for (auto _ : state) {
    if (++turn % 10 == 0) {
      lock.lock();
      benchmark::DoNotOptimize(++value);
      lock.unlock();
    } else {
      lock.lock_shared();
      benchmark::DoNotOptimize(value);
      lock.unlock_shared();
    }
  }
  state.SetItemsProcessed(state.iterations());
}

// A critical section of about 100 ns, as those of the engine are.
template <typename Lock>
void contended(benchmark::State& state) {
  static Lock lock;
  static Prng prng(1);
  for (auto _ : state) {
    lock.lock();
    for (int i = 0; i < 50; ++i) benchmark::DoNotOptimize(prng.next());
    lock.unlock();
  }
  state.SetItemsProcessed(state.iterations());
}

// Bridges the two vocabularies for the ping-pong.
struct OurCondVar {
  Mutex mutex;
  CondVar changed[2];
  void wait(int side) { changed[side].wait(mutex); }
};
struct StdCondVar {
  std::mutex mutex;
  std::condition_variable changed[2];
  void wait(int side) {
    std::unique_lock<std::mutex> lock(mutex, std::adopt_lock);
    changed[side].wait(lock);
    lock.release();
  }
};

// One iteration is a round trip: two wake-ups and two waits.
template <typename Pair>
void ping_pong(benchmark::State& state) {
  Pair pair;
  int turn = 0;
  bool over = false;
  std::thread peer([&] {
    pair.mutex.lock();
    while (!over) {
      if (turn == 1) {
        turn = 0;
        pair.changed[0].notify_one();
      } else {
        pair.wait(1);
      }
    }
    pair.mutex.unlock();
  });
  for (auto _ : state) {
    pair.mutex.lock();
    turn = 1;
    pair.changed[1].notify_one();
    while (turn == 1) pair.wait(0);
    pair.mutex.unlock();
  }
  pair.mutex.lock();
  over = true;
  pair.changed[1].notify_one();
  pair.mutex.unlock();
  peer.join();
  state.SetItemsProcessed(state.iterations());
}

template <uint32_t (*checksum)(std::string_view, uint32_t)>
void crc32c_of(benchmark::State& state) {
  const std::string bytes(static_cast<size_t>(state.range(0)), 'x');
  uint32_t crc = 0;
  for (auto _ : state) benchmark::DoNotOptimize(crc = checksum(bytes, crc));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(lock_unlock<Mutex>)->Name("platform/mutex/aftersync");
BENCHMARK(lock_unlock<std::mutex>)->Name("platform/mutex/std");
BENCHMARK(contended<Mutex>)->Name("platform/mutex-contended/aftersync")->Threads(2)->Threads(4);
BENCHMARK(contended<std::mutex>)->Name("platform/mutex-contended/std")->Threads(2)->Threads(4);

BENCHMARK(lock_unlock_shared<SharedMutex>)->Name("platform/latch-shared/aftersync");
BENCHMARK(lock_unlock_shared<std::shared_mutex>)->Name("platform/latch-shared/std");
BENCHMARK(lock_unlock<SharedMutex>)->Name("platform/latch-exclusive/aftersync");
BENCHMARK(lock_unlock<std::shared_mutex>)->Name("platform/latch-exclusive/std");
BENCHMARK(lock_unlock_shared<SharedMutex>)
    ->Name("platform/latch-shared-parallel/aftersync")
    ->Threads(2);
BENCHMARK(lock_unlock_shared<std::shared_mutex>)
    ->Name("platform/latch-shared-parallel/std")
    ->Threads(2);
BENCHMARK(read_mostly<SharedMutex>)
    ->Name("platform/latch-read-mostly/aftersync")
    ->Threads(2)
    ->Threads(4);
BENCHMARK(read_mostly<std::shared_mutex>)
    ->Name("platform/latch-read-mostly/std")
    ->Threads(2)
    ->Threads(4);

BENCHMARK(ping_pong<OurCondVar>)->Name("platform/condvar-ping-pong/aftersync")->UseRealTime();
BENCHMARK(ping_pong<StdCondVar>)->Name("platform/condvar-ping-pong/std")->UseRealTime();

BENCHMARK(crc32c_of<crc32c>)->Name("base/crc32c/aftersync")->Arg(64)->Arg(512)->Arg(16384);
BENCHMARK(crc32c_of<crc32c_portable>)->Name("base/crc32c/portable")->Arg(64)->Arg(16384);

}  // namespace
}  // namespace aftersync
