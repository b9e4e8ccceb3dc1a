// The toy database and its clients.
#include "model/history/generate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/check.h"
#include "core/base/prng.h"

namespace aftersync::model {

namespace {

constexpr uint64_t kUncommitted = UINT64_MAX;
constexpr uint64_t kNow = UINT64_MAX - 1;  // the snapshot of everything committed
constexpr uint64_t kDirty = UINT64_MAX;    // the snapshot of everything, committed or not
constexpr uint64_t kStaleCommits = 20;     // how far back a stale read may look
constexpr size_t kPieceBytes = 1 << 20;

struct Version {
  uint64_t element;
  uint64_t commit;
};

struct Client;

struct ToyKey {
  uint64_t name = 0;
  uint64_t written = 0;  // elements handed out
  std::vector<Version> versions;
  const Client* locked_by = nullptr;  // read-committed and below: the writer, until it ends
};

struct ToyOperation {
  bool is_read = false;
  size_t slot = 0;       // key in use
  uint64_t key = 0;      // its name when the transaction began
  uint64_t element = 0;  // to write
  std::vector<uint64_t> seen;
};

struct Client {
  bool busy = false;
  bool doomed = false;  // an operation could not be done: its key was replaced, or is locked
  uint64_t process = 0;
  uint64_t snapshot = kNow;
  size_t done = 0;       // operations executed
  std::string_view end;  // what it will be told
  std::vector<ToyOperation> operations;
};

class Toy {
 public:
  Toy(const GenerateOptions& options, const std::function<void(std::string_view)>& write)
      : options_(options),
        write_(write),
        random_(options.seed),
        keys_(options.keys),
        clients_(options.clients) {
    CHECK(options.clients > 0 && options.keys > 0 && options.max_operations > 0);
    for (ToyKey& key : keys_) key.name = next_key_++;
    for (size_t i = 0; i < clients_.size(); ++i) clients_[i].process = i;
    next_process_ = clients_.size();
  }

  void run() {
    uint64_t running = 0;
    for (uint64_t begun = 0; begun < options_.transactions || running > 0;) {
      Client& client = clients_[random_.below(clients_.size())];
      if (client.busy) {
        if (step(client)) --running;
      } else if (begun < options_.transactions) {
        begin(client);
        ++begun;
        ++running;
      }
    }
    write_(text_);
  }

 private:
  [[nodiscard]] bool is_atomic() const { return options_.isolation <= ToyIsolation::serializable; }

  void begin(Client& client) {
    client.busy = true;
    client.doomed = false;
    client.done = 0;
    client.snapshot = kNow;
    client.operations.resize(random_.between(1, options_.max_operations));
    for (ToyOperation& operation : client.operations) {
      operation = {};
      operation.is_read = random_.chance(options_.read_share);
      operation.slot = random_.below(keys_.size());
      ToyKey& key = keys_[operation.slot];
      if (!operation.is_read) {
        if (key.written >= options_.writes_per_key) key = {next_key_++, 0, {}, nullptr};
        operation.element = ++key.written;
      }
      operation.key = key.name;
    }
    put_line(client, "invoke");
  }

  // One step of a transaction; true when it has ended.
  bool step(Client& client) {
    if (client.done < client.operations.size()) {
      if (client.done == 0) choose_snapshot(client);
      const size_t until = is_atomic() ? client.operations.size() : client.done + 1;
      for (; client.done < until; ++client.done) execute(client, client.operations[client.done]);
      if (is_atomic()) settle(client);
      return false;
    }
    if (!is_atomic()) settle(client);
    put_line(client, client.end);
    finish(client);
    return true;
  }

  void choose_snapshot(Client& client) {
    const bool only_reads =
        std::ranges::all_of(client.operations, [](const ToyOperation& o) { return o.is_read; });
    if (options_.isolation == ToyIsolation::snapshot_isolation) client.snapshot = commits_;
    if (options_.isolation == ToyIsolation::read_uncommitted) client.snapshot = kDirty;
    if (options_.isolation == ToyIsolation::serializable && only_reads) {
      client.snapshot = commits_ - std::min(commits_, random_.below(kStaleCommits));
    }
  }

  // The key that the operation means, unless it has been replaced since.
  ToyKey* key_of(const ToyOperation& operation) {
    ToyKey& key = keys_[operation.slot];
    return key.name == operation.key ? &key : nullptr;
  }

  void execute(Client& client, ToyOperation& operation) {
    ToyKey* key = key_of(operation);
    if (key == nullptr || (!operation.is_read && !lock(client, *key))) {
      client.doomed = true;
      return;
    }
    if (!operation.is_read) {
      if (client.snapshot == kDirty) key->versions.push_back({operation.element, kUncommitted});
      return;
    }
    for (const Version& version : key->versions) {
      if (version.commit <= client.snapshot) operation.seen.push_back(version.element);
    }
    if (client.snapshot == kDirty) return;
    for (const ToyOperation& own : client.operations) {  // writes of its own before this read
      if (&own == &operation) break;
      if (!own.is_read && own.key == operation.key) operation.seen.push_back(own.element);
    }
  }

  // Without snapshots a writer keeps others off its key, or versions would have no order.
  bool lock(const Client& client, ToyKey& key) const {
    if (options_.isolation < ToyIsolation::read_committed) return true;
    if (key.locked_by != nullptr && key.locked_by != &client) return false;
    key.locked_by = &client;
    return true;
  }

  // Commits or rolls back, and decides what the client is told.
  void settle(Client& client) {
    bool commit = !client.doomed && !random_.chance(options_.fail_rate) && !conflicts(client);
    for (const ToyOperation& operation : client.operations) {
      if (key_of(operation) == nullptr) commit = false;
    }
    client.end = commit ? "ok" : "fail";
    if (random_.chance(options_.info_rate)) {
      client.end = "info";
      commit = commit && random_.chance(0.5);
    }
    if (commit) ++commits_;
    for (const ToyOperation& operation : client.operations) {
      if (!operation.is_read) settle_write(client, operation, commit);
    }
  }

  void settle_write(const Client& client, const ToyOperation& operation, bool commit) {
    ToyKey* key = key_of(operation);
    if (key == nullptr) return;
    if (key->locked_by == &client) key->locked_by = nullptr;
    if (client.snapshot != kDirty) {
      if (commit) key->versions.push_back({operation.element, commits_});
      return;
    }
    const auto at = std::ranges::find(key->versions, operation.element, &Version::element);
    if (at == key->versions.end()) return;
    if (commit) {
      at->commit = commits_;
    } else {
      key->versions.erase(at);
    }
  }

  // First committer wins.
  bool conflicts(const Client& client) {
    if (options_.isolation != ToyIsolation::snapshot_isolation) return false;
    return std::ranges::any_of(client.operations, [&](const ToyOperation& operation) {
      const ToyKey* key = key_of(operation);
      return !operation.is_read && key != nullptr && !key->versions.empty() &&
             key->versions.back().commit > client.snapshot;
    });
  }

  void finish(Client& client) {
    client.busy = false;
    if (client.end == "info") client.process = next_process_++;
    if (text_.size() < kPieceBytes) return;
    write_(text_);
    text_.clear();
  }

  void put_line(const Client& client, std::string_view type) {
    text_ += "{\"index\":" + std::to_string(index_) +
             ",\"process\":" + std::to_string(client.process) +
             ",\"time\":" + std::to_string(index_ * 1000) + ",\"type\":\"";
    text_ += type;
    text_ += "\",\"f\":\"txn\",\"value\":[";
    for (size_t i = 0; i < client.operations.size(); ++i) {
      if (i > 0) text_ += ',';
      put_operation(client.operations[i], type == "ok");
    }
    text_ += "]}\n";
    ++index_;
  }

  void put_operation(const ToyOperation& operation, bool with_result) {
    const std::string_view write = options_.registers ? "[\"w\"," : "[\"append\",";
    text_ += operation.is_read ? std::string_view("[\"r\",") : write;
    text_ += std::to_string(operation.key) + ",";
    if (!operation.is_read) {
      text_ += std::to_string(operation.element);
    } else if (!with_result || (options_.registers && operation.seen.empty())) {
      text_ += "null";
    } else if (options_.registers) {
      text_ += std::to_string(operation.seen.back());
    } else {
      text_ += '[';
      for (size_t i = 0; i < operation.seen.size(); ++i) {
        if (i > 0) text_ += ',';
        text_ += std::to_string(operation.seen[i]);
      }
      text_ += ']';
    }
    text_ += ']';
  }

  const GenerateOptions options_;
  const std::function<void(std::string_view)>& write_;
  Prng random_;
  std::vector<ToyKey> keys_;
  std::vector<Client> clients_;
  std::string text_;
  uint64_t next_key_ = 0;
  uint64_t next_process_ = 0;
  uint64_t commits_ = 0;
  uint64_t index_ = 0;
};

}  // namespace

std::optional<ToyIsolation> toy_isolation_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, ToyIsolation>, 5> kNames{{
      {"strict-serializable", ToyIsolation::strict_serializable},
      {"serializable", ToyIsolation::serializable},
      {"snapshot-isolation", ToyIsolation::snapshot_isolation},
      {"read-committed", ToyIsolation::read_committed},
      {"read-uncommitted", ToyIsolation::read_uncommitted},
  }};
  for (const auto& [known, isolation] : kNames) {
    if (known == name) return isolation;
  }
  return std::nullopt;
}

void generate_history(const GenerateOptions& options,
                      const std::function<void(std::string_view)>& write) {
  Toy(options, write).run();
}

}  // namespace aftersync::model
