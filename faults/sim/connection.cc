// Connection: segments, acknowledgements, retries and ends.
#include "faults/sim/connection.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "faults/sim/network.h"
#include "faults/sim/scheduler.h"

namespace aftersync::sim {

namespace {

// What has been read is cut off the buffer once it is this long.
constexpr size_t kCompactBytes = 64 * 1024;
// One send in so many leaves as two segments, which may arrive apart.
constexpr uint64_t kSplitOneIn = 8;

}  // namespace

Connection::Connection(Network& network, uint64_t id, std::string key)
    : network_(network),
      id_(id),
      key_(std::move(key)),
      flows_{{*this, Side::client}, {*this, Side::server}} {}

Connection::~Connection() {
  for (Flow& f : flows_) network_.world().scheduler().timers().cancel(f);
}

MonoTime Connection::now() const { return network_.world().now(); }
Prng& Connection::prng() const { return network_.world().hardware_prng(); }

bool Connection::path_up(Side from) const {
  return network_.reaches(*end(from).machine, *end(other(from)).machine);
}

void Connection::wake_all(WaitQueue& queue) {
  while (!queue.empty()) network_.world().scheduler().wake(queue.at(0));
}

// --- what a process does ---

void Connection::announce() { push(Side::client, Kind::open); }

size_t Connection::send(Side from, std::string_view bytes) {
  CHECK(end(from).takes_data());
  Flow& f = flow(from);
  const uint64_t ahead = f.sent - f.known_consumed;
  CHECK_LE(ahead, kWindowBytes);
  const size_t n = std::min<uint64_t>(bytes.size(), kWindowBytes - ahead);
  if (n == 0) return 0;
  size_t first = n;
  if (n > 1 && prng().below(kSplitOneIn) == 0) first = prng().between(1, n - 1);
  push(from, Kind::data, std::string(bytes.substr(0, first)));
  if (first < n) push(from, Kind::data, std::string(bytes.substr(first, n - first)));
  f.sent += n;
  return n;
}

void Connection::consume(Side side, size_t size_bytes) {
  Endpoint& e = end(side);
  CHECK_LE(size_bytes, e.unread().size());
  e.read_bytes += size_bytes;
  if (e.read_bytes == e.received.size() || e.read_bytes >= kCompactBytes) {
    e.received.erase(0, e.read_bytes);
    e.read_bytes = 0;
  }
  const Side peer = other(side);
  flow(peer).consumed += size_bytes;
  if (path_up(side)) {
    learn(peer);
  } else {
    progress(peer);
  }
}

void Connection::shut_down(Side side) {
  Endpoint& e = end(side);
  if (e.shut_down) return;
  e.shut_down = true;
  consume(side, e.unread().size());
  if (e.takes_data()) push(side, Kind::end);
  wake_all(e.readers);
  wake_all(e.writers);
}

void Connection::close(Side side) {
  Endpoint& e = end(side);
  e.held = false;
  if (!e.takes_data()) {
    e.closed = true;
    return;
  }
  e.closed = true;
  if (!e.unread().empty()) {
    PROBE("sim/net/closed-with-unread-bytes");
    push_reset(side);
  } else if (!e.shut_down) {
    push(side, Kind::end);
  }
  e.received.clear();
  e.read_bytes = 0;
}

void Connection::refuse(Side side) {
  Endpoint& e = end(side);
  const bool known_to_peer = e.takes_data();
  e.in_backlog = false;
  e.closed = true;
  if (known_to_peer) push_reset(side);
}

// --- what befalls it ---

void Connection::reset_from(Side side) {
  lose_tail(side);
  mark_broken(side, "reset by the network");
  push_reset(side);
}

void Connection::break_both(const char* why) {
  for (const Side side : {Side::client, Side::server}) {
    mark_broken(side, why);
    abandon(side);
  }
}

void Connection::lose_power(Side side) {
  Endpoint& e = end(side);
  e.vanished = true;
  e.held = false;
  e.in_backlog = false;
  // What did not get through before is in the sender's memory alone; the rest may be on the wire.
  if (flow(side).stuck) {
    abandon(side);
  } else {
    lose_tail(side);
  }
}

void Connection::mark_broken(Side side, const char* why) {
  Endpoint& e = end(side);
  if (e.broken == nullptr) e.broken = why;
  wake_all(e.readers);
  wake_all(e.writers);
}

bool Connection::is_over() const {
  for (const Endpoint& e : ends_) {
    if (e.held || e.in_backlog || !e.readers.empty() || !e.writers.empty()) return false;
  }
  return std::all_of(std::begin(flows_), std::end(flows_),
                     [](const Flow& f) { return f.segments.empty() && !f.is_set(); });
}

// --- a flow ---

void Connection::push(Side from, Kind kind, std::string bytes) {
  Flow& f = flow(from);
  const MonoTime arrives =
      network_.draw_arrival(*end(from).machine, *end(other(from)).machine, bytes.size());
  f.segments.push_back({kind, std::move(bytes), arrives});
  if (f.segments.size() == 1) rearm(from);
}

void Connection::push_reset(Side from) {
  const auto& segments = flow(from).segments;
  const bool under_way = std::any_of(segments.begin(), segments.end(),
                                     [](const Segment& s) { return s.kind == Kind::reset; });
  if (!under_way) push(from, Kind::reset);
}

void Connection::progress(Side from) {
  Flow& f = flow(from);
  const auto due = [&] { return !f.segments.empty() && f.segments.front().arrives <= now(); };
  while (due() && path_up(from) && deliver(from, f.segments.front())) f.segments.pop_front();
  if (path_up(other(from)) && learn(from)) f.stuck = false;
  if (due() || f.known_delivered < f.delivered || f.known_consumed < f.consumed) {
    retry(from);
  } else {
    f.stuck = false;
  }
  rearm(from);
}

bool Connection::deliver(Side from, const Segment& segment) {
  const Side to = other(from);
  Endpoint& e = end(to);
  switch (segment.kind) {
    case Kind::open:
      if (e.closed || e.vanished) {
        push_reset(to);
      } else if (!network_.enter_backlog(*this)) {
        refuse(to);
      }
      return true;
    case Kind::data:
      if (!e.takes_data()) {
        // Nobody here knows this connection: the sender hears so, or asks again.
        PROBE("sim/net/reset-for-unknown-connection");
        push_reset(to);
        return false;
      }
      deliver_data(from, segment.bytes);
      return true;
    case Kind::end:
      if (e.takes_data()) e.peer_ended = true;
      wake_all(e.readers);
      return true;
    case Kind::reset:
      if (!e.takes_data()) return true;
      // Kernels differ in whether what had arrived before can still be read.
      if (prng().below(2) == 0) e.read_bytes = e.received.size();
      mark_broken(to, "reset by the peer");
      abandon(to);
      return true;
  }
  return true;
}

void Connection::deliver_data(Side from, const std::string& bytes) {
  Endpoint& e = end(other(from));
  flow(from).delivered += bytes.size();
  if (e.shut_down) {
    flow(from).consumed += bytes.size();
    return;
  }
  e.received += bytes;
  wake_all(e.readers);
}

bool Connection::learn(Side from) {
  Flow& f = flow(from);
  if (f.known_delivered == f.delivered && f.known_consumed == f.consumed) return false;
  f.known_delivered = f.delivered;
  f.known_consumed = f.consumed;
  wake_all(end(from).writers);
  return true;
}

void Connection::retry(Side from) {
  Flow& f = flow(from);
  const bool only_reset = !f.segments.empty() && f.segments.front().kind == Kind::reset;
  if (end(from).vanished || only_reset) {
    // Nobody is left to repeat it, and a reset is never repeated.
    PROBE("sim/net/half-open");
    abandon(from);
    return;
  }
  if (!f.stuck) {
    f.stuck = true;
    f.retry_after = kFirstRetry;
    f.retry_at = now() + f.retry_after;
    f.give_up_at =
        now() +
        Duration(static_cast<int64_t>(prng().between(static_cast<uint64_t>(kGiveUpMin.count()),
                                                     static_cast<uint64_t>(kGiveUpMax.count()))));
  } else if (now() >= f.give_up_at) {
    PROBE("sim/net/gave-up");
    network_.note(*this, from, "gives up");
    mark_broken(from, "no answer from the peer");
    abandon(from);
  } else if (now() >= f.retry_at) {
    f.retry_after = std::min<Duration>(2 * f.retry_after, kRetryMax);
    f.retry_at = now() + f.retry_after;
  }
}

void Connection::rearm(Side from) {
  Flow& f = flow(from);
  MonoTime at = kNever;
  if (f.stuck) at = std::min(f.retry_at, f.give_up_at);
  const bool head_is_due = !f.segments.empty() && f.segments.front().arrives <= now();
  if (!f.segments.empty() && !(f.stuck && head_is_due)) {
    at = std::min(at, f.segments.front().arrives);
  }
  TimerQueue& timers = network_.world().scheduler().timers();
  timers.cancel(f);
  if (at != kNever) timers.set(f, at);
}

void Connection::abandon(Side from) {
  Flow& f = flow(from);
  f.segments.clear();
  f.stuck = false;
  f.known_delivered = f.delivered;
  f.known_consumed = f.consumed;
  rearm(from);
}

void Connection::lose_tail(Side from) {
  Flow& f = flow(from);
  const size_t kept = prng().below(f.segments.size() + 1);
  f.segments.erase(f.segments.begin() + static_cast<ptrdiff_t>(kept), f.segments.end());
  rearm(from);
}

}  // namespace aftersync::sim
