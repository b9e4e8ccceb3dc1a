// Workload btree-race: writers and readers share one B+tree whose nodes hold a handful of rows.
//
// What must hold: each read sees of every row a version that was there while it read
// (storage/tree_ledger.h), so nothing skipped, nothing twice, nothing gone; the tree is sound at
// the end; everybody finishes. That nobody does is for the World to find (a deadlock of latches).
//
// One process, which nothing kills: crashes are the business of the workload storage. The pool is
// as small as it may be, so that pages are also evicted and read again in between.
#include "faults/workloads/btree_race_workload.h"

#include <memory>
#include <vector>

#include "core/base/prng.h"
#include "core/storage/page_store.h"
#include "core/storage/segment.h"
#include "faults/storage/tree_racer.h"

namespace aftersync::faults {

namespace {

constexpr const char* kServer = "tree";
constexpr SpaceId kSpace = storage::kFirstTableSpace;
constexpr IndexId kIndex(7);
constexpr uint64_t kLogFileBytes = 2 * 1024 * 1024;
constexpr uint64_t kLogBufferBytes = 1024 * 1024;

TreeRace race_of(const Parameters& parameters) {
  TreeRace race;
  race.keys = static_cast<size_t>(parameters.integer("keys"));
  race.writers = static_cast<size_t>(parameters.integer("writers"));
  race.key_bytes = static_cast<size_t>(parameters.integer("key_bytes"));
  race.value_bytes = static_cast<size_t>(parameters.integer("value_bytes"));
  race.peak = static_cast<size_t>(parameters.integer("peak"));
  return race;
}

class BtreeRaceWorkload final : public Workload {
 public:
  explicit BtreeRaceWorkload(const Parameters& parameters)
      : race_(race_of(parameters)),
        readers_(static_cast<size_t>(parameters.integer("readers"))),
        changes_(static_cast<uint64_t>(parameters.integer("changes"))),
        reads_(static_cast<uint64_t>(parameters.integer("reads"))),
        frames_(static_cast<size_t>(parameters.integer("pool_frames"))) {}

  [[nodiscard]] Topology topology() const override { return {{{"servers", {kServer}, true}}}; }

  void setup(RunContext& run) override {
    seed_ = run.draw_seed();
    racer_ = std::make_unique<TreeRacer>(
        race_, [&run](std::string what) { run.violate(std::move(what)); });
    run.world().add_machine(kServer);
  }

  void start(RunContext& run) override {
    run.world().on_process_end([&run](sim::Machine&, sim::ProcessEnd) { run.world().finish(); });
    run.world().machine(kServer).start([this](Node& node) { serve(node); });
  }

  void check(RunContext&) override {}

  [[nodiscard]] uint64_t operations() const override { return racer_->operations(); }

 private:
  [[nodiscard]] storage::PageStoreOptions options() const {
    storage::PageStoreOptions options;
    options.log.geometry = {.files = 2, .file_bytes = kLogFileBytes};
    options.log.buffer_bytes = kLogBufferBytes;
    options.pool.frames = frames_;
    return options;
  }

  static void must(Node& node, const Status& status) {
    if (!status.ok()) node.crash(status.to_string());
  }

  [[nodiscard]] static Result<storage::TreeRoot> make_tree(storage::PageStore& store) {
    RETURN_IF_ERROR(store.create_space(kSpace));
    RETURN_IF_ERROR(store.bootstrap_done());
    ASSIGN_OR_RETURN(auto reservation, storage::SpaceAllocator(store).reserve_fragments(kSpace, 1));
    storage::Mtr mtr(store);
    RETURN_IF_ERROR(mtr.ready());
    return storage::BTree::create(store, mtr, kSpace, kIndex, reservation);
  }

  void serve(Node& node) {
    auto opened = storage::PageStore::open(node, options());
    must(node, opened.status());
    storage::PageStore& store = **opened;
    const auto root = make_tree(store);
    must(node, root.status());
    storage::BTree tree(store, *root);
    race(node, tree);
    must(node, racer_->check(store, tree));
    must(node, store.close());
  }

  void race(Node& node, storage::BTree& tree) {
    std::vector<Task> writers;
    std::vector<Task> readers;
    for (size_t i = 0; i < race_.writers; ++i) {
      writers.push_back(node.tasks().spawn("writer", [this, &node, &tree, i] {
        Prng prng(seed_, i);
        for (uint64_t n = 0; n < changes_; ++n) must(node, racer_->write(tree, i, prng));
      }));
    }
    for (size_t i = 0; i < readers_; ++i) {
      readers.push_back(node.tasks().spawn("reader", [this, &node, &tree, i] {
        Prng prng(seed_, race_.writers + i);
        for (uint64_t n = 0; n < reads_; ++n) must(node, racer_->read(tree, prng));
      }));
    }
    for (Task& task : writers) task.join();
    for (Task& task : readers) task.join();
  }

  const TreeRace race_;
  const size_t readers_;
  const uint64_t changes_;
  const uint64_t reads_;
  const size_t frames_;
  uint64_t seed_ = 0;
  std::unique_ptr<TreeRacer> racer_;
};

}  // namespace

WorkloadType btree_race_workload() {
  WorkloadType type;
  type.name = "btree-race";
  type.description = "writers and readers of one B+tree that splits and merges all the time";
  type.parameters = {
      {"writers", "tasks that change, each rows of its own", int64_t{2}, 1, 16, {}, true},
      {"readers", "tasks that look up and scan", int64_t{2}, 0, 16, {}, true},
      {"changes", "of each writer", int64_t{100}, 1, 1'000'000, {}, true},
      {"reads", "of each reader", int64_t{100}, 1, 1'000'000, {}, true},
      {"keys", "that there may be rows of", int64_t{40}, 16, 100'000, {}, true},
      {"key_bytes", "in front of what tells keys apart", int64_t{1000}, 0, 3000},
      {"value_bytes", "at most", int64_t{2000}, 0, 4000},
      {"peak", "rows there are when growing turns into shrinking", int64_t{20}, 1, 100'000},
      {"pool_frames", "pages in memory", int64_t{64}, 64, 1'000'000},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<BtreeRaceWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
