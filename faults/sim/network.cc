// Network: addresses, links, listeners and what a machine's end does to its connections.
#include "faults/sim/network.h"

#include <algorithm>
#include <charconv>

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/base/probe.h"
#include "faults/sim/heap.h"
#include "faults/sim/scheduler.h"

namespace aftersync::sim {

namespace {

constexpr uint32_t kLastPort = 65535;

// Within a machine: fast, and nothing goes wrong.
constexpr NetworkFaults kLoopback{.latency_min = 5us, .latency_max = 20us, .short_receive = 0};

bool is_wildcard(std::string_view host) {
  return host == "*" || host == "0.0.0.0" || host == "[::]" || host == "localhost" ||
         host == "127.0.0.1" || host == "[::1]";
}

// "0" to "65535".
bool is_port(std::string_view text) {
  uint32_t port = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && rest == text.data() + text.size() && port <= kLastPort;
}

}  // namespace

Network::~Network() = default;

void Network::note(const Connection& connection, Side side, std::string_view what,
                   uint64_t detail) {
  Digest event;
  event.add(what);
  event.add(connection.id());
  event.add(static_cast<uint64_t>(side));
  event.add(detail);
  world_.note(event.value());
  world_.trace([&] {
    return std::string(what) + " " + connection.end(side).address + " to " +
           connection.end(other(side)).address + " " + std::to_string(detail);
  });
}

// --- links ---

const Network::Link* Network::find_link(const Machine& from, const Machine& to) const {
  const auto it = links_.find(key_of(from, to));
  return it == links_.end() ? nullptr : &it->second;
}

NetworkFaults& Network::link_faults(const Machine& from, const Machine& to) {
  const HostScope host;
  auto& own = links_[key_of(from, to)].faults;
  if (!own.has_value()) own = faults_;
  return *own;
}

void Network::clear_link_faults() {
  for (auto& [key, link] : links_) link.faults.reset();
}

const NetworkFaults& Network::faults_between(const Machine& from, const Machine& to) const {
  if (&from == &to) return kLoopback;
  const Link* link = find_link(from, to);
  return link != nullptr && link->faults.has_value() ? *link->faults : faults_;
}

bool Network::is_cut(const Machine& from, const Machine& to) const {
  const Link* link = find_link(from, to);
  return link != nullptr && link->cut;
}

bool Network::reaches(const Machine& from, const Machine& to) const {
  return !is_cut(from, to) && (to.running() || to.last_end() != ProcessEnd::powered_off);
}

void Network::cut(const Machine& from, const Machine& to) {
  const HostScope host;
  if (&from == &to) return;
  links_[key_of(from, to)].cut = true;
  world_.note(0xc07 + (from.number() << 16) + (to.number() << 32));
  world_.trace([&] { return "cut " + from.name() + " to " + to.name(); });
}

void Network::heal(const Machine& from, const Machine& to) {
  const auto it = links_.find(key_of(from, to));
  if (it == links_.end() || !it->second.cut) return;
  it->second.cut = false;
  world_.note(0x8ea1 + (from.number() << 16) + (to.number() << 32));
  world_.trace([&] { return "heal " + from.name() + " to " + to.name(); });
}

void Network::heal_all() {
  for (auto& [key, link] : links_) link.cut = false;
  world_.note(0x8ea1);
  world_.trace([&] { return "heal all"; });
}

void Network::cut_between(const Machine& a, const Machine& b) {
  cut(a, b);
  cut(b, a);
}

void Network::isolate(const Machine& machine, Direction direction) {
  for (const auto& peer : world_.machines()) {
    if (direction != Direction::outbound) cut(*peer, machine);
    if (direction != Direction::inbound) cut(machine, *peer);
  }
}

void Network::split(const std::vector<std::vector<const Machine*>>& groups) {
  for (size_t i = 0; i < groups.size(); ++i) {
    for (size_t j = i + 1; j < groups.size(); ++j) {
      for (const Machine* a : groups[i]) {
        for (const Machine* b : groups[j]) cut_between(*a, *b);
      }
    }
  }
}

void Network::bridge(const Machine& bridge, const std::vector<const Machine*>& left,
                     const std::vector<const Machine*>& right) {
  split({left, right});
  for (const auto* side : {&left, &right}) {
    for (const Machine* machine : *side) {
      heal(*machine, bridge);
      heal(bridge, *machine);
    }
  }
}

void Network::ring(const std::vector<const Machine*>& circle) {
  const size_t n = circle.size();
  const size_t majority = n / 2 + 1;
  // Each hears the majority of which it is the middle.
  for (size_t first = 0; first < n; ++first) {
    const Machine& middle = *circle[(first + majority / 2) % n];
    for (size_t i = majority; i < n; ++i) cut(*circle[(first + i) % n], middle);
  }
}

MonoTime Network::draw_arrival(const Machine& from, const Machine& to, size_t size_bytes) {
  const NetworkFaults& faults = faults_between(from, to);
  MonoTime leaves = world_.now();
  if (faults.bytes_per_second > 0) {
    const HostScope host;
    Link& link = links_[key_of(from, to)];
    constexpr uint64_t kNanosPerSecond = 1'000'000'000;
    const uint64_t takes = size_bytes * kNanosPerSecond / faults.bytes_per_second;
    link.free_at = std::max(link.free_at, leaves) + Duration(static_cast<int64_t>(takes));
    leaves = link.free_at;
  }
  const auto least = static_cast<uint64_t>(faults.latency_min.count());
  const auto most = static_cast<uint64_t>(faults.latency_max.count());
  leaves +=
      Duration(static_cast<int64_t>(world_.hardware_prng().between(least, std::max(least, most))));
  if (world_.hardware_prng().chance(faults.stall)) leaves += faults.stall_duration;
  return leaves;
}

void Network::reset_between(const Machine& a, const Machine& b) {
  const HostScope host;
  for (auto& [id, connection] : connections_) {
    const Machine* client = connection->end(Side::client).machine;
    const Machine* server = connection->end(Side::server).machine;
    if ((client == &a && server == &b) || (client == &b && server == &a)) {
      note(*connection, Side::client, "reset");
      connection->break_both("reset by the network");
    }
  }
}

// --- addresses and listeners ---

Result<Network::Target> Network::resolve(Machine& from, std::string_view address) {
  if (address.starts_with("unix:") && address.size() > 5) {
    return Target{&from, std::string(address)};
  }
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !is_port(address.substr(colon + 1))) {
    return {Code::invalid_argument,
            "'" + std::string(address) + "' is neither HOST:PORT nor unix:PATH"};
  }
  const std::string_view host = address.substr(0, colon);
  if (host.find(':') != host.npos && !(host.starts_with('[') && host.ends_with(']'))) {
    return {Code::invalid_argument,
            "'" + std::string(address) + "': an IPv6 address is written in brackets"};
  }
  const std::string key(address.substr(colon + 1));
  if (is_wildcard(host)) return Target{&from, key};
  for (const auto& machine : world_.machines()) {
    if (machine->name() == host) return Target{machine.get(), key};
  }
  return {Code::unavailable, "'" + std::string(host) + "': name unknown"};
}

uint32_t Network::next_port(const Machine& machine) {
  uint32_t& last = last_port_.try_emplace(machine.number(), kFirstEphemeralPort - 1).first->second;
  last = last == kLastPort ? kFirstEphemeralPort : last + 1;
  return last;
}

Code Network::listen(Machine& machine, const Target& where, uint64_t& listener) {
  const HostScope host;
  if (where.machine != &machine) return Code::unavailable;
  std::string key = where.key;
  while (key == "0" || (where.key == "0" && find_listener(machine, key) != nullptr)) {
    key = std::to_string(next_port(machine));
  }
  if (find_listener(machine, key) != nullptr) return Code::unavailable;
  ListenerSocket& socket = listeners_[next_listener_];
  socket.id = listener = next_listener_++;
  socket.machine = &machine;
  socket.address = where.is_unix() ? key : machine.name() + ":" + key;
  socket.key = std::move(key);
  return Code::ok;
}

ListenerSocket& Network::listener(uint64_t id) {
  const auto it = listeners_.find(id);
  CHECK(it != listeners_.end());
  return it->second;
}

ListenerSocket* Network::find_listener(const Machine& machine, std::string_view key) {
  for (auto& [id, socket] : listeners_) {
    if (socket.machine == &machine && socket.key == key && !socket.shut_down) return &socket;
  }
  return nullptr;
}

void Network::shut_down_listener(uint64_t id) {
  const HostScope host;
  ListenerSocket& socket = listener(id);
  if (socket.shut_down) return;
  socket.shut_down = true;
  for (const uint64_t waiting : socket.backlog) {
    if (Connection* connection = find_connection(waiting)) connection->refuse(Side::server);
  }
  socket.backlog.clear();
  while (!socket.accepters.empty()) world_.scheduler().wake(socket.accepters.at(0));
}

void Network::close_listener(uint64_t id) {
  const HostScope host;
  if (!listeners_.contains(id)) return;
  shut_down_listener(id);
  listener(id).abandoned = true;
  collect();
}

// --- connections ---

Connection& Network::establish(Machine& client, const Target& target) {
  const HostScope host;
  collect();
  const uint64_t id = next_connection_++;
  auto made = std::make_unique<Connection>(*this, id, target.key);
  Endpoint& here = made->end(Side::client);
  here.machine = &client;
  here.address =
      target.is_unix() ? target.key : client.name() + ":" + std::to_string(next_port(client));
  here.held = true;
  Endpoint& there = made->end(Side::server);
  there.machine = target.machine;
  there.address = target.is_unix() ? target.key : target.machine->name() + ":" + target.key;
  Connection& connection = *connections_.emplace(id, std::move(made)).first->second;
  note(connection, Side::client, "connect");
  connection.announce();
  return connection;
}

Connection* Network::find_connection(uint64_t id) {
  const auto it = connections_.find(id);
  return it == connections_.end() ? nullptr : it->second.get();
}

void Network::collect() {
  const HostScope host;
  std::erase_if(connections_, [](const auto& entry) { return entry.second->is_over(); });
  std::erase_if(listeners_, [](const auto& entry) {
    return entry.second.abandoned && entry.second.accepters.empty();
  });
}

bool Network::enter_backlog(Connection& connection) {
  ListenerSocket* socket = find_listener(*connection.end(Side::server).machine, connection.key());
  if (socket == nullptr || socket->backlog.size() >= kBacklog) return false;
  connection.end(Side::server).in_backlog = true;
  socket->backlog.push_back(connection.id());
  if (!socket->accepters.empty()) world_.scheduler().wake(socket->accepters.at(0));
  return true;
}

// --- the end of a process ---

void Network::process_ended(Machine& machine, ProcessEnd how) {
  const HostScope host;
  // Its tasks still stand in the queues and are discarded after this: no queue may go yet, and none
  // of the tasks is woken.
  for (auto& [id, socket] : listeners_) {
    if (socket.machine != &machine) continue;
    socket.shut_down = socket.abandoned = true;
    socket.backlog.clear();
  }
  end_connections_of(machine, how);
}

void Network::end_connections_of(const Machine& machine, ProcessEnd how) {
  for (auto& [id, connection] : connections_) {
    for (const Side side : {Side::client, Side::server}) {
      Endpoint& e = connection->end(side);
      if (e.machine != &machine) continue;
      if (how == ProcessEnd::powered_off) {
        connection->lose_power(side);
      } else if (e.held) {
        connection->close(side);
      } else if (side == Side::server) {
        connection->refuse(side);
      }
    }
  }
}

}  // namespace aftersync::sim
