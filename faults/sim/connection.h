// Connection: one simulated TCP connection (or Unix socket), as two kernels would keep it.
//
// Two endpoints and two flows. A flow carries segments from one endpoint to the other; each has an
// arrival time, and waits there for its predecessors, so that bytes arrive in order. One timer for
// each flow delivers what has arrived.
//
// What TCP does behind the stream's back is modelled where a program can see it:
//
//   - a segment is delivered only if the link is up when it arrives, and acknowledged only if the
//     link back is up as well. Otherwise the sender tries again, at growing intervals, and after
//     kGiveUpMin..Max without progress its endpoint breaks, while the peer's knows nothing of it;
//   - a sender may be kWindowBytes ahead of what it knows the receiver has read; then send waits;
//   - closing says "end" behind what is under way, or "reset" when bytes were left unread;
//   - data for an endpoint that exists no more is answered with a reset, if its machine is up. A
//     machine without power answers nothing and what it had sent is never repeated: half-open.
//
// Invariant: what one endpoint has read is a prefix of what the other sent.
//
// Callers are in a HostScope. Nothing here waits; sim_net.cc does, in the endpoints' queues.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "core/platform/time.h"
#include "faults/sim/fiber.h"
#include "faults/sim/timer_queue.h"
#include "faults/sim/world.h"

namespace aftersync::sim {

class Network;

inline constexpr uint64_t kWindowBytes = 256 * 1024;
inline constexpr Duration kFirstRetry = 200ms;  // Linux: TCP_RTO_MIN
inline constexpr Duration kRetryMax = 5s;       // Linux: 120 s; shorter, so that heals are seen
inline constexpr Duration kGiveUpMin = 15s;     // Linux: 924 s by default
inline constexpr Duration kGiveUpMax = 30s;

// Which end: the one that connected, or the one that accepted.
enum class Side : uint8_t { client = 0, server = 1 };
[[nodiscard]] constexpr Side other(Side side) {
  return side == Side::client ? Side::server : Side::client;
}

struct Endpoint {
  Machine* machine = nullptr;
  std::string address;
  bool held = false;             // a Stream has it
  bool in_backlog = false;       // a Listener has it
  bool closed = false;           // its process let go of it; the kernel still sends what was sent
  bool vanished = false;         // lost power: nobody knows of it any more
  bool shut_down = false;        // by Stream::shut_down: what arrives is thrown away
  bool peer_ended = false;       // all of the peer's bytes are here
  const char* broken = nullptr;  // why, once the connection has failed for this end
  std::string received;          // from the peer; the first `read_bytes` of it have been read
  size_t read_bytes = 0;
  WaitQueue readers;
  WaitQueue writers;

  [[nodiscard]] bool takes_data() const { return !closed && !vanished && broken == nullptr; }
  [[nodiscard]] std::string_view unread() const {
    return std::string_view(received).substr(read_bytes);
  }
};

class Connection {
 public:
  Connection(Network& network, uint64_t id, std::string key);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] uint64_t id() const { return id_; }
  // What the server listens on: a port or "unix:PATH".
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] Endpoint& end(Side side) { return ends_[static_cast<size_t>(side)]; }
  [[nodiscard]] const Endpoint& end(Side side) const { return ends_[static_cast<size_t>(side)]; }

  // The client's last message of the handshake: when it arrives, the server may accept.
  void announce();
  // Takes as much as fits; 0: wait in end(from).writers. The endpoint must be usable.
  size_t send(Side from, std::string_view bytes);
  // Of end(side).unread(), that many bytes have been read.
  void consume(Side side, size_t size_bytes);
  // Ends this side's flow in good order; reads of it give nothing more.
  void shut_down(Side side);
  // The process lets go: an orderly end, or a reset when bytes are left unread.
  void close(Side side);
  // As close, but always a reset: of connections that nobody accepted.
  void refuse(Side side);
  // The network breaks it: this side at once, the other when it hears of it.
  void reset_from(Side side);
  // Both sides at once.
  void break_both(const char* why);
  // The machine of this side lost power; of what is under way, any part.
  void lose_power(Side side);

  // Whether nothing refers to it or is under way.
  [[nodiscard]] bool is_over() const;

 private:
  enum class Kind : uint8_t { open, data, end, reset };
  struct Segment {
    Kind kind;
    std::string bytes;
    MonoTime arrives;
  };
  // What is under way from one side to the other. Counts are of bytes since the start.
  class Flow final : public Timer {
   public:
    Flow(Connection& connection, Side from) : connection_(connection), from_(from) {}
    void fire() override { connection_.progress(from_); }

    std::deque<Segment> segments;
    uint64_t sent = 0;
    uint64_t delivered = 0;
    uint64_t consumed = 0;
    // As the sender knows.
    uint64_t known_delivered = 0;
    uint64_t known_consumed = 0;
    // While something is due and does not get through.
    bool stuck = false;
    MonoTime give_up_at{};
    MonoTime retry_at{};
    Duration retry_after{};

   private:
    Connection& connection_;
    const Side from_;
  };

  [[nodiscard]] Flow& flow(Side from) { return flows_[static_cast<size_t>(from)]; }
  [[nodiscard]] bool path_up(Side from) const;
  void push(Side from, Kind kind, std::string bytes = {});
  void push_reset(Side from);
  // Delivers what is due, learns what the receiver has, and sets the timer for what comes next.
  void progress(Side from);
  // False when the segment was not taken and the sender has to try again.
  bool deliver(Side from, const Segment& segment);
  void deliver_data(Side from, const std::string& bytes);
  // The sender hears what the receiver has. True when that is news.
  bool learn(Side from);
  void retry(Side from);
  void rearm(Side from);
  // Nothing of this flow goes on.
  void abandon(Side from);
  // Any part of what is under way is lost, from some segment on.
  void lose_tail(Side from);
  void mark_broken(Side side, const char* why);
  void wake_all(WaitQueue& queue);
  [[nodiscard]] MonoTime now() const;
  [[nodiscard]] Prng& prng() const;

  Network& network_;
  const uint64_t id_;
  const std::string key_;
  Endpoint ends_[2];
  Flow flows_[2];
};

}  // namespace aftersync::sim
