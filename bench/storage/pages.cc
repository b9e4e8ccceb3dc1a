// What the floor under the trees costs: finding a page, changing one, making a change durable.
//
//   storage/fetch/threads:N          pages found and latched a second, all in memory
//   storage/mtr/threads:N            one-field mini-transactions a second, not durable
//   storage/durable_mtr/threads:N    the same, each waiting until it is durable; sync_share: waits
//                                    that one sync served
#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/platform/posix/posix_node.h"
#include "core/storage/page_store.h"
#include "core/storage/segment.h"

namespace aftersync::storage {
namespace {

constexpr SpaceId kSpace = kFirstTableSpace;
constexpr size_t kPages = 8000;

// A store with kPages initialised pages, in a scratch folder of the working directory.
class Fixture {
 public:
  Fixture() {
    std::filesystem::remove_all(kDirectory);
    auto real = posix::RealNode::open(
        {.data_directory = kDirectory, .create_data_directory = true, .error_log_path = ""});
    CHECK_OK(real);
    node_ = *std::move(real);
    PageStoreOptions options;
    options.pool.frames = 2 * kPages;
    auto opened = PageStore::open(node_->node(), options);
    CHECK_OK(opened);
    store_ = *std::move(opened);
    CHECK_OK(store_->create_space(kSpace));
    CHECK_OK(store_->bootstrap_done());
    make_pages();
  }
  ~Fixture() {
    CHECK_OK(store_->close());
    store_.reset();
    node_.reset();
    std::filesystem::remove_all(kDirectory);
  }

  PageStore& store() { return *store_; }
  PageId page(uint64_t i) const { return {kSpace, pages_[i % kPages]}; }

 private:
  static constexpr const char* kDirectory = "bench-pages.scratch";

  void make_pages() {
    SpaceAllocator allocator(*store_);
    SegmentNo segment;
    {
      Mtr mtr(*store_);
      auto made = allocator.create_segment(mtr, kSpace);
      CHECK_OK(made);
      segment = *made;
    }
    while (pages_.size() < kPages) {
      const SegmentNeed need{segment, 50};
      auto room = allocator.reserve(kSpace, {&need, 1});
      CHECK_OK(room);
      for (int i = 0; i < 50; ++i) {
        Mtr mtr(*store_);
        auto frame = allocator.allocate(mtr, kSpace, segment, kNoPage, *room);
        CHECK_OK(frame);
        mtr.init_page(*frame, PageType::overflow);
        pages_.push_back((*frame)->id().page);
      }
    }
  }

  std::unique_ptr<posix::RealNode> node_;
  std::unique_ptr<PageStore> store_;
  std::vector<PageNo> pages_;
};

std::unique_ptr<Fixture> fixture;

void set_up(const benchmark::State&) { fixture = std::make_unique<Fixture>(); }
void tear_down(const benchmark::State&) { fixture.reset(); }

void fetch(benchmark::State& state) {
  Prng prng(1, static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) {
    const PinBudget budget(fixture->store().pool(), kReadPins);
    auto page = fixture->store().pool().fetch(fixture->page(prng.next()), Latch::shared,
                                              PageType::overflow);
    CHECK_OK(page);
    benchmark::DoNotOptimize(page->bytes()[64]);
  }
  state.SetItemsProcessed(state.iterations());
}

Lsn change(Prng& prng) {
  Mtr mtr(fixture->store());
  CHECK_OK(mtr.ready());
  auto frame = mtr.fetch(fixture->page(prng.next()), Latch::exclusive, PageType::overflow);
  CHECK_OK(frame);
  char bytes[100];
  store_be(bytes, prng.next());
  mtr.set_bytes(*frame, 64, {bytes, sizeof bytes});
  return mtr.commit();
}

void mtr(benchmark::State& state) {
  Prng prng(1, static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) change(prng);
  state.SetItemsProcessed(state.iterations());
}

void durable_mtr(benchmark::State& state) {
  Prng prng(1, static_cast<uint64_t>(state.thread_index()));
  const LogStats before = fixture->store().log().stats();
  for (auto _ : state) fixture->store().log().flush_to(change(prng));
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() != 0) return;
  const LogStats after = fixture->store().log().stats();
  state.counters["sync_share"] = static_cast<double>(after.flush_requests - before.flush_requests) /
                                 static_cast<double>(after.syncs - before.syncs + 1);
}

BENCHMARK(fetch)
    ->Name("storage/fetch")
    ->Setup(set_up)
    ->Teardown(tear_down)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK(mtr)
    ->Name("storage/mtr")
    ->Setup(set_up)
    ->Teardown(tear_down)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK(durable_mtr)
    ->Name("storage/durable_mtr")
    ->Setup(set_up)
    ->Teardown(tear_down)
    ->ThreadRange(1, 32)
    ->UseRealTime();

}  // namespace
}  // namespace aftersync::storage
