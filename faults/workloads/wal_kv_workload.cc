// Workload wal-kv: clients put and get, the server dies in every way the plan knows, and no
// acknowledged put may be lost.
//
// The oracle. Each client owns its keys and writes versions 1, 2, 3, ... of each, one at a time, so
// that for every key two numbers say all: the newest version known to be stored (`floor`: it was
// acknowledged, or a get has shown it) and the newest ever sent (`sent`). A get must answer with a
// version between them, and with exactly the value that was put under that version: values are a
// function of key and version. A value that is none of these was made up.
//
// At the end, with everything repaired, each client reads all its keys; where the parameter asks
// for it, once more after a power loss, which shows whether what the log's last recovery served was
// durable.
#include "faults/workloads/wal_kv_workload.h"

#include "core/base/digest.h"
#include "core/base/prng.h"
#include "core/base/probe.h"
#include "faults/demo/wal_kv.h"

namespace aftersync::faults {

namespace {

constexpr const char* kServer = "kv";
constexpr const char* kAddress = "kv:7001";
constexpr Duration kPatience = 50ms;
constexpr uint64_t kPutPercent = 70;
constexpr uint64_t kMaxPauseUs = 20'000;
constexpr int kLooks = 10;

std::string value_of(const std::string& key, uint64_t version, uint64_t max_bytes) {
  Digest digest;
  digest.add(key);
  Prng prng(digest.value(), version);
  std::string value(prng.between(1, max_bytes), '\0');
  for (char& byte : value) byte = static_cast<char>('a' + prng.below(26));
  return value;
}

std::string client_name(uint64_t number) { return "c" + std::to_string(number); }

struct KeyHistory {
  uint64_t floor = 0;
  uint64_t sent = 0;
};

class WalKvWorkload final : public Workload {
 public:
  explicit WalKvWorkload(const Parameters& parameters)
      : clients_(static_cast<uint64_t>(parameters.integer("clients"))),
        operations_(static_cast<uint64_t>(parameters.integer("operations"))),
        keys_(static_cast<uint64_t>(parameters.integer("keys"))),
        value_bytes_(static_cast<uint64_t>(parameters.integer("value_bytes"))),
        rotate_bytes_(static_cast<uint64_t>(parameters.integer("rotate_bytes"))),
        final_power_loss_(parameters.flag("final_power_loss")) {}

  [[nodiscard]] Topology topology() const override {
    MachineGroup clients{"clients", {}, false};
    for (uint64_t i = 1; i <= clients_; ++i) clients.machines.push_back(client_name(i));
    return {{{"servers", {kServer}, true}, std::move(clients)}};
  }

  void setup(RunContext& run) override {
    for (uint64_t i = 1; i <= clients_; ++i) run.world().add_machine(client_name(i));
    run.world().add_machine(kServer).start([this](Node& node) {
      demo::run_wal_kv_server(node, {kAddress, {rotate_bytes_}});
    });
  }

  void start(RunContext& run) override;
  void check(RunContext&) override {}
  [[nodiscard]] uint64_t operations() const override { return operations_done_; }

 private:
  class Client;

  // A barrier: the last one to arrive pulls the plug.
  void lose_power_when_all_have_verified(RunContext& run, Node& node) {
    if (!final_power_loss_) return;
    if (--clients_left_ == 0) {
      run.world().machine(kServer).power_off();
      run.world().machine(kServer).restart();
    }
    while (clients_left_ > 0) (void)node.tasks().sleep_for(1ms);
  }

  const uint64_t clients_;
  const uint64_t operations_;
  const uint64_t keys_;
  const uint64_t value_bytes_;
  const uint64_t rotate_bytes_;
  const bool final_power_loss_;
  uint64_t clients_left_ = 0;
  uint64_t operations_done_ = 0;
};

class WalKvWorkload::Client {
 public:
  Client(WalKvWorkload& workload, RunContext& run, Node& node, uint64_t number, uint64_t seed)
      : workload_(workload),
        run_(run),
        node_(node),
        prng_(seed),
        store_(node, kAddress, kPatience),
        keys_(workload.keys_),
        prefix_(client_name(number) + "/k") {}

  void work() {
    for (uint64_t i = 0; i < workload_.operations_; ++i) {
      const uint64_t key = prng_.below(keys_.size());
      const bool answered = prng_.below(100) < kPutPercent ? put(key) : get(key);
      ++workload_.operations_done_;
      if (!answered || prng_.chance(0.1)) pause();
      // What became of it is most telling before the next put covers it.
      if (!answered && prng_.chance(0.5)) look_again(key);
    }
  }

  // Reads every key, however often the server has yet to recover. A server that never does so lets
  // the run go out of time, which is a violation.
  void verify() {
    for (uint64_t key = 0; key < keys_.size(); ++key) {
      while (!get(key)) (void)node_.tasks().sleep_for(10ms);
    }
  }

 private:
  void pause() {
    const auto pause_us = static_cast<int64_t>(prng_.below(kMaxPauseUs));
    (void)node_.tasks().sleep_for(std::chrono::microseconds(pause_us));
  }

  void look_again(uint64_t key) {
    for (int attempt = 0; attempt < kLooks && !get(key); ++attempt) pause();
  }

  [[nodiscard]] std::string name_of(uint64_t key) const { return prefix_ + std::to_string(key); }

  bool put(uint64_t key) {
    KeyHistory& history = keys_[key];
    const uint64_t version = ++history.sent;
    const std::string name = name_of(key);
    const Status done = store_.put(name, version, value_of(name, version, workload_.value_bytes_));
    if (done.ok()) {
      history.floor = version;
    } else {
      PROBE("wal-kv/put-in-doubt");
    }
    return done.ok();
  }

  bool get(uint64_t key) {
    KeyHistory& history = keys_[key];
    const std::string name = name_of(key);
    const auto found = store_.get(name);
    if (!found.ok()) return false;
    const std::string what = name + " version " + std::to_string(found->version);
    if (found->version < history.floor) {
      run_.violate("lost write: " + name + " is at version " + std::to_string(found->version) +
                   " after version " + std::to_string(history.floor) + " was acknowledged or seen");
    } else if (found->version > history.sent) {
      run_.violate("made-up write: " + what + " was never put");
    } else if (found->version > 0 &&
               found->value != value_of(name, found->version, workload_.value_bytes_)) {
      run_.violate("garbled write: " + what + " is not what was put");
    }
    history.floor = found->version;
    return true;
  }

  WalKvWorkload& workload_;
  RunContext& run_;
  Node& node_;
  Prng prng_;
  demo::WalKvClient store_;
  std::vector<KeyHistory> keys_;
  const std::string prefix_;
};

void WalKvWorkload::start(RunContext& run) {
  clients_left_ = clients_;
  for (uint64_t i = 1; i <= clients_; ++i) {
    sim::Machine& machine = run.world().machine(client_name(i));
    run.world().start_harness(machine, [this, &run, i, seed = run.draw_seed()](Node& node) {
      Client client(*this, run, node, i, seed);
      client.work();
      run.wait_for_quiet(node);
      client.verify();
      lose_power_when_all_have_verified(run, node);
      if (final_power_loss_) client.verify();
    });
  }
}

}  // namespace

WorkloadType wal_kv_workload() {
  WorkloadType type;
  type.name = "wal-kv";
  type.description = "clients put and get versioned values on one server with a write-ahead log";
  type.parameters = {
      {"clients", "at work at once", int64_t{2}, 1, 16, {}, true},
      {"operations", "puts and gets of each client", int64_t{60}, 1, 1'000'000, {}, true},
      {"keys", "that each client owns", int64_t{4}, 1, 1000, {}, true},
      {"value_bytes", "longest value", int64_t{1500}, 1, 60'000},
      {"rotate_bytes", "length from which on a log file is followed by the next", int64_t{8192}, 1},
      {"final_power_loss", "verify once more after a power loss at the end", true},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<WalKvWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
