// Binlogs under kills, power losses, full disks and failing syncs, at random moments of a writer
// that appends groups, syncs, rotates and purges. After each restart the files hold a prefix of
// what was appended, whole transactions all of them, that ends no earlier than the last sync; and
// what one restart has found, the next one finds again.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/base/prng.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"
#include "proptests/binlog/transactions.h"

namespace aftersync::binlog {
namespace {

constexpr uint64_t kSeeds = 150;
constexpr int kLives = 5;

// What must hold, kept outside of the process that dies.
struct Ledger {
  uint64_t durable = 0;   // transactions up to this one are there
  uint64_t appended = 0;  // and none beyond this one
  uint64_t cut = 0;       // how many appended ones crashes have taken
  std::string wrong;
};

class Writer {
 public:
  Writer(Node& node, uint64_t seed, Ledger& ledger)
      : node_(node), prng_(seed, 1), ledger_(ledger) {}

  void run() {
    BinlogOptions options;
    options.max_bytes = 2000;
    auto opened = Binlog::open(node_, options);
    // A full disk, or a sync that failed: the next life tries again.
    if (opened.code() == Code::no_space || opened.code() == Code::io_error) return;
    CHECK_OK(opened);
    binlog_ = std::move(opened).value();
    look();
    while (true) step();
  }

 private:
  // What recovery has found.
  void look() {
    const uint64_t last = binlog_->gtids().first_unused(test_source()) - 1;
    std::string wrong = differences(*binlog_, last);
    const sim::HostScope host;
    if (last < ledger_.durable || last > ledger_.appended) {
      wrong = "transactions up to " + std::to_string(last) + ", expected " +
              std::to_string(ledger_.durable) + " to " + std::to_string(ledger_.appended);
    }
    if (ledger_.wrong.empty()) ledger_.wrong = wrong;
    ledger_.cut += ledger_.appended - last;
    ledger_.durable = ledger_.appended = last;
  }

  void step() {
    const uint64_t first = ledger_.appended + 1;
    const uint64_t last = first + prng_.below(4);
    EventBuffer events(Checksum::crc32);
    GtidSet gtids;
    for (uint64_t n = first; n <= last; ++n) add_transaction(events, gtids, n, prng_.below(700));
    // Before it is tried: a process that dies in it may have appended all or a part.
    const uint64_t before = ledger_.appended;
    ledger_.appended = last;
    const auto end = binlog_->append(events, gtids);
    if (!end.ok()) {
      CHECK_EQ(end.code(), Code::no_space);
      ledger_.appended = before;
      return;
    }
    if (prng_.chance(0.7)) {
      binlog_->sync();
      ledger_.durable = ledger_.appended;
    }
    if (binlog_->wants_rotation()) rotate();
  }

  void rotate() {
    const Status rotated = binlog_->rotate();
    if (!rotated.ok()) {
      CHECK_EQ(rotated.code(), Code::no_space);
      return;
    }
    ledger_.durable = ledger_.appended;
    const auto files = binlog_->list();
    CHECK_OK(files);
    if (files->size() <= 4) return;
    const Status purged = binlog_->purge_before(files->at(2).name);
    CHECK(purged.ok() || purged.code() == Code::no_space);
  }

  Node& node_;
  Prng prng_;
  Ledger& ledger_;
  std::unique_ptr<Binlog> binlog_;
};

// One world: lives that end in the middle of whatever the writer does.
Ledger run(uint64_t seed) {
  sim::WorldOptions options;
  options.seed = seed;
  sim::World world(options);
  Prng prng(seed, 2);
  Ledger ledger;
  sim::Machine& machine = world.add_machine("db");
  sim::DiskFaults& faults = machine.disk().faults();
  if (prng.chance(0.3)) faults.no_space = 0.02;
  if (prng.chance(0.3)) faults.sync_error = 0.02;
  int lives = 1;
  uint64_t step = 0;
  const std::function<void()> strike = [&] {
    step += 200 + prng.below(3000);
    world.at_step(step, [&] {
      if (machine.running()) {
        prng.chance(0.6) ? machine.power_off() : machine.kill();
      }
      strike();
    });
  };
  world.on_process_end([&](sim::Machine& ended, sim::ProcessEnd) {
    if (lives == kLives) faults = {};
    if (lives++ > kLives || !ledger.wrong.empty()) return world.finish();
    ended.restart();
  });
  machine.start([&](Node& node) { Writer(node, seed + machine.incarnation(), ledger).run(); });
  strike();
  const sim::RunResult result = world.run();
  if (!result.violation.empty()) ledger.wrong = result.violation;
  return ledger;
}

TEST(BinlogCrash, WhatWasSyncedIsThereAndNothingInPieces) {
  uint64_t durable = 0;
  uint64_t cut = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Ledger ledger = run(seed);
    ASSERT_EQ(ledger.wrong, "") << "seed " << seed;
    durable += ledger.durable;
    cut += ledger.cut;
  }
  // Transactions were kept, and some were lost that had not been synced: the crashes did strike.
  EXPECT_GT(durable, kSeeds);
  EXPECT_GT(cut, kSeeds / 10);
}

}  // namespace
}  // namespace aftersync::binlog
