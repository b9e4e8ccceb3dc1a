// Stream, Listener and Net of the simulator: the calls that wait.
//
// Each call is a scheduling point, then looks at the host's Connection or ListenerSocket, and waits
// in one of their queues until something has changed. Deadlines are of the process's own clock and
// are turned into world time.
//
// Memory: the objects here belong to the calling process; the host keeps none of their addresses.
// Nothing owned by the host may be alive across a wait, since a killed task never returns from it.
#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "core/base/crc32c.h"
#include "core/base/probe.h"
#include "core/platform/net.h"
#include "faults/sim/heap.h"
#include "faults/sim/network.h"
#include "faults/sim/node_state.h"
#include "faults/sim/scheduler.h"

namespace aftersync {

namespace {

using sim::Connection;
using sim::Endpoint;
using sim::HostScope;
using sim::ListenerSocket;
using sim::Machine;
using sim::Network;
using sim::Side;
using sim::Wake;

constexpr Duration kFirstSynRetry = 1s;  // Linux: tcp_syn_retries = 6, doubling
constexpr int kSynRetries = 6;

sim::Scheduler& scheduler() { return sim::current_fiber().scheduler; }

Status failed(const std::string& what, Code code, std::string_view cause) {
  return {code, what + ": " + std::string(cause)};
}

// What a wait that did not end by a notification means.
Status wait_failed(const std::string& what, Wake wake) {
  if (wake == Wake::shutdown) return failed(what, Code::shutdown, "the node is shutting down");
  return failed(what, Code::timed_out, "deadline passed");
}

Status check_running(const std::string& what) {
  if (!sim::current_process().shutdown_requested) return {};
  return wait_failed(what, Wake::shutdown);
}

}  // namespace

// --- Stream ---

class StreamState {
 public:
  StreamState(Network& its_network, uint64_t connection_id, Side its_side)
      : network(its_network), id(connection_id), side(its_side) {}
  ~StreamState() {
    {
      const HostScope host;
      Connection* open = network.find_connection(id);
      if (open != nullptr && end().held) {
        CHECK(end().readers.empty() && end().writers.empty());
        network.note(*open, side, "close");
        open->close(side);
        network.collect();
      }
    }
    network.world().scheduler().point();
  }
  StreamState(const StreamState&) = delete;
  StreamState& operator=(const StreamState&) = delete;

  [[nodiscard]] Connection& connection() const {
    Connection* found = network.find_connection(id);
    CHECK(found != nullptr);
    return *found;
  }
  [[nodiscard]] Endpoint& end() const { return connection().end(side); }
  [[nodiscard]] Endpoint& peer() const { return connection().end(sim::other(side)); }
  [[nodiscard]] std::string describe(std::string_view operation) const {
    return std::string(operation) + " " + end().address + " to " + peer().address;
  }
  void note(std::string_view what, uint64_t detail) const {
    const HostScope host;
    network.note(connection(), side, what, detail);
  }
  // Shutdown, of the stream or the node, comes before everything.
  [[nodiscard]] Status check_open(std::string_view operation) const;
  // Takes what is there; 0 when nothing is.
  size_t take(std::span<char> into);

  Network& network;
  const uint64_t id;
  const Side side;
};

Status StreamState::check_open(std::string_view operation) const {
  if (end().shut_down) return failed(describe(operation), Code::shutdown, "shut down");
  if (!sim::current_process().shutdown_requested) return {};
  return wait_failed(describe(operation), Wake::shutdown);
}

size_t StreamState::take(std::span<char> into) {
  const std::string_view unread = end().unread();
  size_t n = std::min(into.size(), unread.size());
  if (n == 0) return 0;
  Prng& prng = network.world().hardware_prng();
  const double shorter = network.faults_between(*peer().machine, *end().machine).short_receive;
  if (prng.chance(shorter)) n = prng.between(1, n);
  std::memcpy(into.data(), unread.data(), n);
  const HostScope host;
  connection().consume(side, n);
  network.note(connection(), side, "receive", n);
  return n;
}

Stream::Stream(std::unique_ptr<StreamState> state) : state_(std::move(state)) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

std::string Stream::local_address() const { return state_->end().address; }
std::string Stream::peer_address() const { return state_->peer().address; }

Result<size_t> Stream::receive(std::span<char> into, MonoTime deadline) {
  CHECK(!into.empty());
  scheduler().point();
  const MonoTime until = sim::current_process().to_world(deadline);
  while (true) {
    Endpoint& end = state_->end();
    RETURN_IF_ERROR(state_->check_open("receive"));
    if (const size_t n = state_->take(into); n > 0) return n;
    if (end.peer_ended) return size_t{0};
    if (end.broken != nullptr) {
      return failed(state_->describe("receive"), Code::connection_lost, end.broken);
    }
    const Wake wake = scheduler().block(&end.readers, until, true, "receive");
    if (wake != Wake::notified) return wait_failed(state_->describe("receive"), wake);
  }
}

Status Stream::receive_exactly(std::span<char> into, MonoTime deadline) {
  size_t done = 0;
  while (done < into.size()) {
    ASSIGN_OR_RETURN(const size_t n, receive(into.subspan(done), deadline));
    if (n == 0) {
      return failed(
          state_->describe("receive"), Code::connection_lost,
          "ended after " + std::to_string(done) + " of " + std::to_string(into.size()) + " bytes");
    }
    done += n;
  }
  return {};
}

Status Stream::send(std::string_view bytes, MonoTime deadline) {
  scheduler().point();
  const MonoTime until = sim::current_process().to_world(deadline);
  state_->note("send", crc32c(bytes));
  Endpoint& end = state_->end();
  const double reset = state_->network.faults_between(*end.machine, *state_->peer().machine).reset;
  const bool resets = state_->network.world().hardware_prng().chance(reset);
  while (true) {
    RETURN_IF_ERROR(state_->check_open("send"));
    if (end.broken != nullptr) {
      return failed(state_->describe("send"), Code::connection_lost, end.broken);
    }
    {
      const HostScope host;
      bytes.remove_prefix(state_->connection().send(state_->side, bytes));
      if (resets) {
        PROBE("sim/net/reset-by-fault");
        state_->connection().reset_from(state_->side);
        continue;
      }
    }
    if (bytes.empty()) return {};
    const Wake wake = scheduler().block(&end.writers, until, true, "send");
    if (wake != Wake::notified) return wait_failed(state_->describe("send"), wake);
  }
}

void Stream::shut_down() {
  scheduler().point();
  {
    const HostScope host;
    state_->network.note(state_->connection(), state_->side, "shut down");
    state_->connection().shut_down(state_->side);
  }
  scheduler().point();
}

// --- Listener ---

class ListenerState {
 public:
  ListenerState(Network& its_network, uint64_t its_id) : network(its_network), id(its_id) {}
  ~ListenerState() {
    network.close_listener(id);
    network.world().scheduler().point();
  }
  ListenerState(const ListenerState&) = delete;
  ListenerState& operator=(const ListenerState&) = delete;

  Network& network;
  const uint64_t id;
};

Listener::Listener(std::unique_ptr<ListenerState> state) : state_(std::move(state)) {}
Listener::~Listener() = default;
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;

std::string Listener::address() const { return state_->network.listener(state_->id).address; }

Result<Stream> Listener::accept(MonoTime deadline) {
  scheduler().point();
  const MonoTime until = sim::current_process().to_world(deadline);
  Network& network = state_->network;
  ListenerSocket& socket = network.listener(state_->id);
  const std::string what = "accept " + socket.address;
  while (true) {
    if (socket.shut_down) return failed(what, Code::shutdown, "shut down");
    RETURN_IF_ERROR(check_running(what));
    if (!socket.backlog.empty()) {
      const uint64_t id = socket.backlog.front();
      {
        const HostScope host;
        socket.backlog.pop_front();
        Connection* connection = network.find_connection(id);
        CHECK(connection != nullptr);
        connection->end(Side::server).in_backlog = false;
        connection->end(Side::server).held = true;
        network.note(*connection, Side::server, "accept");
      }
      return Stream(std::make_unique<StreamState>(network, id, Side::server));
    }
    const Wake wake = scheduler().block(&socket.accepters, until, true, "accept");
    if (wake != Wake::notified) return wait_failed(what, wake);
  }
}

void Listener::shut_down() {
  scheduler().point();
  state_->network.shut_down_listener(state_->id);
  scheduler().point();
}

// --- Net ---

namespace {

// The handshake as the connecting kernel goes through it. Until it is complete nothing of it lasts
// outside this task.
class Handshake {
 public:
  Handshake(NodeState& node, std::string what, MonoTime until)
      : node_(node), what_(std::move(what)), until_(until) {}

  Result<Stream> run(const Network::Target& target) {
    RETURN_IF_ERROR(check_running(what_));
    // A Unix socket answers at once, whatever the deadline.
    return target.is_unix() ? finish(target) : across_the_network(target);
  }

 private:
  Result<Stream> across_the_network(const Network::Target& target) {
    Machine& from = node_.machine;
    Machine& to = *target.machine;
    for (int retry = 0; retry <= kSynRetries; ++retry) {
      const MonoTime retry_at = network().world().now() + kFirstSynRetry * (1 << retry);
      RETURN_IF_ERROR(wait_until(network().draw_arrival(from, to, 0)));
      if (network().reaches(from, to)) {
        RETURN_IF_ERROR(wait_until(network().draw_arrival(to, from, 0)));
        if (network().reaches(to, from)) return finish(target);
      }
      PROBE("sim/net/handshake-lost");
      RETURN_IF_ERROR(wait_until(retry_at));
    }
    return failed(what_, Code::unavailable, "no answer");
  }

  Result<Stream> finish(const Network::Target& target) {
    if (network().find_listener(*target.machine, target.key) == nullptr) {
      return failed(what_, Code::unavailable, "refused");
    }
    const uint64_t id = network().establish(node_.machine, target).id();
    return Stream(std::make_unique<StreamState>(network(), id, Side::client));
  }

  Network& network() { return node_.world.network(); }

  // Until `at`, unless the deadline passes before.
  Status wait_until(MonoTime at) {
    const Wake wake = scheduler().block(nullptr, std::min(at, until_), true, "connect");
    if (wake == Wake::shutdown || network().world().now() >= until_)
      return wait_failed(what_, wake);
    return {};
  }

  NodeState& node_;
  const std::string what_;
  const MonoTime until_;
};

}  // namespace

Result<Listener> Net::listen(std::string_view address) {
  scheduler().point();
  Network& network = node_.world.network();
  const std::string what = "listen " + std::string(address);
  auto target = network.resolve(node_.machine, address);
  if (!target.ok()) return target.status().in("listen");
  uint64_t id = 0;
  if (target->machine != &node_.machine) {
    return failed(what, Code::unavailable, "not an address of this machine");
  }
  if (const Code code = network.listen(node_.machine, *target, id); code != Code::ok) {
    return failed(what, code, "address in use");
  }
  return Listener(std::make_unique<ListenerState>(network, id));
}

Result<Stream> Net::connect(std::string_view address, MonoTime deadline) {
  scheduler().point();
  auto target = node_.world.network().resolve(node_.machine, address);
  if (!target.ok()) return target.status().in("connect");
  Handshake handshake(node_, "connect " + node_.machine.name() + " to " + std::string(address),
                      node_.to_world(deadline));
  return handshake.run(*target);
}

}  // namespace aftersync
