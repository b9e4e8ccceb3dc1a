// The write-ahead-logged key-value toy: a server, and a client for it.
//
// The claim: a put that was acknowledged is never lost, whatever dies. Each put carries a version;
// the store keeps the highest, so that a request repeated after a lost reply does no harm.
//
// Requests and replies are frames (frame.h): a letter, then fields.
//   P key version value   ->  K | F (device full) | E
//   G key                 ->  V version value | N (no such key) | E
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "faults/demo/frame.h"
#include "faults/demo/wal_log.h"

namespace aftersync::demo {

struct VersionedValue {
  uint64_t version = 0;
  std::string value;
  friend bool operator==(const VersionedValue&, const VersionedValue&) = default;
};

// Thread safety: all tasks of its node at once.
class WalKv {
 public:
  // Recovers from the log. Errors as WalLog::open.
  [[nodiscard]] static Result<std::unique_ptr<WalKv>> open(Node& node, WalLogOptions options);

  // Durable when OK. Code::no_space: not stored. A version not above the stored one changes
  // nothing and is OK.
  Status put(std::string_view key, uint64_t version, std::string_view value);
  // Only what is durable.
  [[nodiscard]] std::optional<VersionedValue> get(std::string_view key);

 private:
  WalKv() = default;
  void replay(std::string_view record);

  Mutex mutex_;
  // Guarded by mutex_, which is held while the disk works: a reader must not see a value that a
  // crash can still take back.
  std::optional<WalLog> log_;
  std::map<std::string, VersionedValue, std::less<>> values_;
};

struct WalKvServerOptions {
  std::string address;
  WalLogOptions log;
};

// A server process from start to shutdown. Stops itself when it cannot recover.
void run_wal_kv_server(Node& node, const WalKvServerOptions& options);

// One connection, made when needed. Not thread-safe. Errors other than no_space leave open whether
// a put has happened.
class WalKvClient {
 public:
  WalKvClient(Node& node, std::string address, Duration patience)
      : server_(node, std::move(address), patience) {}

  Status put(std::string_view key, uint64_t version, std::string_view value);
  // Version 0 when there is no such key.
  [[nodiscard]] Result<VersionedValue> get(std::string_view key);

 private:
  FrameClient server_;
};

}  // namespace aftersync::demo
