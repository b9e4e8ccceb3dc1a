// The two-node counter: primary, backup, client.
#include "faults/demo/req_ack.h"

#include <algorithm>

#include "core/base/coding.h"
#include "core/base/fault.h"
#include "core/base/probe.h"
#include "faults/demo/frame.h"
#include "faults/demo/frame_server.h"

namespace aftersync::demo {

namespace {

constexpr Duration kReplicationPatience = 200ms;
constexpr Duration kReconnectPause = 20ms;
constexpr Duration kAcknowledgementPatience = 300ms;
constexpr uint64_t kBatchEntries = 64;

std::string number_frame(char letter, uint64_t number) {
  std::string frame(1, letter);
  append_be(frame, number);
  return frame;
}

Result<uint64_t> parse_number(std::string_view frame, std::string_view letter) {
  Reader reader(frame);
  const bool matches = reader.bytes(1) == letter;
  const auto number = reader.be<uint64_t>();
  if (matches && reader.ok() && reader.at_end()) return number;
  return Status(Code::unavailable, "expected " + std::string(letter) + ", got a frame of " +
                                       std::to_string(frame.size()) + " bytes");
}

void append_entry(std::string& frame, const Increment& entry) {
  append_be(frame, entry.client);
  append_be(frame, entry.request);
}

Increment read_entry(Reader& reader) {
  const auto client = reader.be<uint64_t>();
  return {client, reader.be<uint64_t>()};
}

std::string list_frame(const CounterLog& counter) {
  std::string frame;
  for (const Increment& entry : counter.entries()) append_entry(frame, entry);
  return frame;
}

class Primary {
 public:
  Primary(Node& node, const CounterOptions& options, std::unique_ptr<CounterLog> counter)
      : node_(node), options_(options), counter_(std::move(counter)), synced_(counter_->size()) {}

  std::optional<std::string> answer(std::string_view request) {
    if (request == "L") {
      const MutexLock lock(mutex_);
      return list_frame(*counter_);
    }
    if (request == "R") return answer_read();
    Reader reader(request);
    if (reader.bytes(1) != "I") return std::nullopt;
    const Increment increment = read_entry(reader);
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return answer_increment(increment);
  }

  // Feeds the backup until the node shuts down.
  void replicate() {
    while (node_.tasks().sleep_for(kReconnectPause).ok()) {
      const Status ended = feed_backup();
      PROBE("req-ack/backup-reconnected");
      node_.error_log().write(Severity::note, "backup: " + ended.to_string());
    }
  }

 private:
  std::optional<std::string> answer_increment(const Increment& increment) {
    const MutexLock lock(mutex_);
    auto index = counter_->find(increment);
    if (index) {
      PROBE("req-ack/repeated-request");
    } else {
      if (!counter_->append(increment).ok()) return "T";
      index = counter_->size() - 1;
      if (AFTERSYNC_FAULT("bug/req-ack-before-durable")) return number_frame('K', *index);
      sync();
    }
    if (!wait_until_committed(*index + 1)) return "T";
    return number_frame('K', *index);
  }

  // Everything here when the read arrived may have been acknowledged, so all of it must be
  // committed before the count is told.
  std::optional<std::string> answer_read() {
    const MutexLock lock(mutex_);
    const uint64_t count = counter_->size();
    if (!wait_until_committed(count)) return "T";
    return number_frame('C', count);
  }

  void sync() {
    counter_->sync();
    synced_ = counter_->size();
    changed_.notify_all();
  }

  bool wait_until_committed(uint64_t count) {
    const MonoTime deadline = node_.clock().now() + kAcknowledgementPatience;
    while (std::min(synced_, replicated_) < count) {
      if (changed_.wait_until(mutex_, deadline) == WaitResult::timed_out) return false;
    }
    return true;
  }

  Status feed_backup() {
    const MonoTime deadline = node_.clock().now() + kReplicationPatience;
    ASSIGN_OR_RETURN(Stream stream, node_.net().connect(options_.backup_address, deadline));
    RETURN_IF_ERROR(send_frame(stream, "F", deadline));
    while (!node_.tasks().shutdown_requested()) {
      const MonoTime patience = node_.clock().now() + kReplicationPatience;
      ASSIGN_OR_RETURN(const std::string reply, receive_frame(stream, patience));
      ASSIGN_OR_RETURN(const uint64_t held, parse_number(reply, "C"));
      RETURN_IF_ERROR(send_frame(stream, next_batch(held), patience));
    }
    return {Code::shutdown, "shutting down"};
  }

  // Books what the backup holds; waits a while for something it lacks. May be empty.
  std::string next_batch(uint64_t held) {
    const MutexLock lock(mutex_);
    if (held > counter_->size()) {
      node_.crash(std::string(kBackupAhead) + std::to_string(held) + " increments, this primary " +
                  std::to_string(counter_->size()));
    }
    if (held > replicated_) {
      replicated_ = held;
      changed_.notify_all();
    }
    // Only where an increment was acknowledged before its sync is anything left to do.
    if (counter_->size() > synced_) sync();
    const MonoTime deadline = node_.clock().now() + kReplicationPatience / 4;
    while (synced_ <= held) {
      if (changed_.wait_until(mutex_, deadline) == WaitResult::timed_out) break;
    }
    std::string batch = number_frame('A', held);
    const uint64_t end = std::min(synced_, held + kBatchEntries);
    for (uint64_t i = held; i < end; ++i) append_entry(batch, counter_->at(i));
    return batch;
  }

  Node& node_;
  const CounterOptions& options_;
  Mutex mutex_;
  CondVar changed_;  // synced_ or replicated_ have grown
  // Guarded by mutex_.
  std::unique_ptr<CounterLog> counter_;
  uint64_t synced_;          // entries durable here
  uint64_t replicated_ = 0;  // entries that the backup has confirmed
};

class Backup {
 public:
  explicit Backup(std::unique_ptr<CounterLog> counter) : counter_(std::move(counter)) {}

  std::optional<std::string> answer(std::string_view request) {
    const MutexLock lock(mutex_);
    if (request == "L") return list_frame(*counter_);
    if (request == "F") return number_frame('C', counter_->size());
    Reader reader(request);
    if (reader.bytes(1) != "A") return std::nullopt;
    if (!take_batch(reader).ok()) return std::nullopt;
    return number_frame('C', counter_->size());
  }

 private:
  // Entries that are here already come from a feed that the primary has given up.
  Status take_batch(Reader& batch) {
    auto index = batch.be<uint64_t>();
    const uint64_t before = counter_->size();
    if (index > before) return {Code::corruption, "a gap in the feed"};
    Status appended;
    for (; appended.ok() && batch.ok() && !batch.at_end(); ++index) {
      const Increment entry = read_entry(batch);
      if (index < counter_->size()) {
        PROBE("req-ack/stale-feed");
        CHECK(counter_->at(index) == entry);
      } else {
        appended = counter_->append(entry);
      }
    }
    // Also after a failure: whoever asks next is told the size of the log.
    if (counter_->size() > before) counter_->sync();
    return appended;
  }

  Mutex mutex_;
  std::unique_ptr<CounterLog> counter_;  // guarded by mutex_
};

std::unique_ptr<CounterLog> recover_or_crash(Node& node, const CounterOptions& options) {
  auto counter = CounterLog::open(node, options.log);
  if (!counter.ok()) node.crash("cannot recover: " + counter.status().to_string());
  return std::move(counter).value();
}

template <typename Role>
void serve(Node& node, const std::string& address, Role& role) {
  FrameServer server(node, address,
                     [&role](std::string_view request) { return role.answer(request); });
  if (const Status served = server.serve(); !served.ok()) {
    node.error_log().write(Severity::error, "cannot serve: " + served.to_string());
  }
}

}  // namespace

void run_counter_primary(Node& node, const CounterOptions& options) {
  Primary primary(node, options, recover_or_crash(node, options));
  Task feed = node.tasks().spawn("replicate", [&] { primary.replicate(); });
  serve(node, options.address, primary);
  feed.join();
}

void run_counter_backup(Node& node, const CounterOptions& options) {
  Backup backup(recover_or_crash(node, options));
  serve(node, options.address, backup);
}

Status CounterClient::increment(const Increment& increment) {
  std::string request = "I";
  append_entry(request, increment);
  ASSIGN_OR_RETURN(const std::string reply, server_.ask(request));
  return parse_number(reply, "K").status();
}

Result<uint64_t> CounterClient::read() {
  ASSIGN_OR_RETURN(const std::string reply, server_.ask("R"));
  return parse_number(reply, "C");
}

Result<std::vector<Increment>> CounterClient::list() {
  ASSIGN_OR_RETURN(const std::string reply, server_.ask("L"));
  std::vector<Increment> entries;
  Reader reader(reply);
  while (reader.ok() && !reader.at_end()) entries.push_back(read_entry(reader));
  if (!reader.ok()) return Status(Code::corruption, "a list of " + std::to_string(reply.size()));
  return entries;
}

}  // namespace aftersync::demo
