// Network: links between machines, listeners and connections; host-owned.
//
// A link is one direction between two machines: it can be cut and healed, and can have fault rates
// of its own. Within a machine nothing is ever cut. What a cut, a reset or a lost machine means for
// the streams is in connection.h; how a process waits, in sim_net.cc.
//
// No pointer into a process's memory is kept: a killed process vanishes without a destructor, and
// process_ended() then does what its kernel would.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "faults/sim/connection.h"
#include "faults/sim/fault_rates.h"
#include "faults/sim/world.h"

namespace aftersync::sim {

inline constexpr size_t kBacklog = 128;
inline constexpr uint32_t kFirstEphemeralPort = 49152;  // RFC 6335

struct ListenerSocket {
  uint64_t id = 0;
  Machine* machine = nullptr;
  std::string key;  // "3306" or "unix:PATH"
  std::string address;
  bool shut_down = false;
  bool abandoned = false;        // its owner is gone; freed once nobody stands in its queue
  std::deque<uint64_t> backlog;  // connections, oldest first
  WaitQueue accepters;
};

class Network {
 public:
  explicit Network(World& world) : world_(world) {}
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // --- for scenarios ---

  // Of every link without rates of its own; may be changed at any time.
  [[nodiscard]] NetworkFaults& faults() { return faults_; }
  // Gives one link rates of its own, at first those of all.
  [[nodiscard]] NetworkFaults& link_faults(const Machine& from, const Machine& to);
  void clear_link_faults();

  // One way. A machine's link to itself cannot be cut.
  void cut(const Machine& from, const Machine& to);
  void heal(const Machine& from, const Machine& to);
  void heal_all();
  [[nodiscard]] bool is_cut(const Machine& from, const Machine& to) const;

  enum class Direction : uint8_t { both, inbound, outbound };
  void cut_between(const Machine& a, const Machine& b);
  // From and to all others.
  void isolate(const Machine& machine, Direction direction = Direction::both);
  // Machines of different groups do not reach each other.
  void split(const std::vector<std::vector<const Machine*>>& groups);
  // As split into two, but `bridge` reaches both.
  void bridge(const Machine& bridge, const std::vector<const Machine*>& left,
              const std::vector<const Machine*>& right);
  // Jepsen's majorities ring: each reaches its nearest neighbours in the given circle, together a
  // majority, and no two the same ones.
  void ring(const std::vector<const Machine*>& circle);

  // Resets every connection between the two, for both ends at once.
  void reset_between(const Machine& a, const Machine& b);

  // --- for World ---

  // Killed, crashed, exited: connections close as a kernel closes them. Powered off: silence.
  void process_ended(Machine& machine, ProcessEnd how);

  // --- for sim_net.cc ---

  // Where an address leads, as seen on `from`. Code::invalid_argument when malformed,
  // Code::unavailable when the name is unknown.
  struct Target {
    Machine* machine = nullptr;
    std::string key;
    [[nodiscard]] bool is_unix() const { return key.starts_with("unix:"); }
  };
  [[nodiscard]] Result<Target> resolve(Machine& from, std::string_view address);

  // Code::unavailable when in use or on another machine.
  [[nodiscard]] Code listen(Machine& machine, const Target& where, uint64_t& listener);
  [[nodiscard]] ListenerSocket& listener(uint64_t id);
  // Null when none listens there.
  [[nodiscard]] ListenerSocket* find_listener(const Machine& machine, std::string_view key);
  // Refuses new and waiting connections.
  void shut_down_listener(uint64_t id);
  void close_listener(uint64_t id);

  // Makes the connection; its client endpoint is held.
  [[nodiscard]] Connection& establish(Machine& client, const Target& target);
  // Null once it is over.
  [[nodiscard]] Connection* find_connection(uint64_t id);
  // Frees connections that are over, and listeners without an owner.
  void collect();

  // --- for Connection ---

  // Whether a packet sent now would reach a kernel that is up.
  [[nodiscard]] bool reaches(const Machine& from, const Machine& to) const;
  // When a segment sent now arrives.
  [[nodiscard]] MonoTime draw_arrival(const Machine& from, const Machine& to, size_t size_bytes);
  [[nodiscard]] const NetworkFaults& faults_between(const Machine& from, const Machine& to) const;
  // The handshake is complete. False: nobody listens any more, or the backlog is full.
  [[nodiscard]] bool enter_backlog(Connection& connection);
  // Into the digest and the trace.
  void note(const Connection& connection, Side side, std::string_view what, uint64_t detail = 0);
  [[nodiscard]] World& world() { return world_; }

 private:
  using LinkKey = std::pair<uint64_t, uint64_t>;  // numbers of machines: from, to
  struct Link {
    bool cut = false;
    std::optional<NetworkFaults> faults;
    MonoTime free_at{};  // when what was sent before has left, if bandwidth is limited
  };

  [[nodiscard]] static LinkKey key_of(const Machine& from, const Machine& to) {
    return {from.number(), to.number()};
  }
  [[nodiscard]] const Link* find_link(const Machine& from, const Machine& to) const;
  [[nodiscard]] uint32_t next_port(const Machine& machine);
  void end_connections_of(const Machine& machine, ProcessEnd how);

  World& world_;
  NetworkFaults faults_;
  std::map<LinkKey, Link> links_;
  std::map<uint64_t, ListenerSocket> listeners_;
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
  std::map<uint64_t, uint32_t> last_port_;  // by machine
  uint64_t next_listener_ = 1;
  uint64_t next_connection_ = 1;
};

}  // namespace aftersync::sim
