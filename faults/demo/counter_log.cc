// CounterLog: increments on a WalLog.
#include "core/base/coding.h"
#include "faults/demo/req_ack.h"

namespace aftersync::demo {

Result<std::unique_ptr<CounterLog>> CounterLog::open(Node& node, WalLogOptions options) {
  std::unique_ptr<CounterLog> counter(new CounterLog);
  auto log = WalLog::open(node, std::move(options), [&](std::string_view record) {
    Reader reader(record);
    const auto client = reader.be<uint64_t>();
    const auto request = reader.be<uint64_t>();
    CHECK(reader.ok() && reader.at_end());
    counter->add({client, request});
  });
  if (!log.ok()) return log.status();
  counter->log_ = std::move(log).value();
  return counter;
}

std::optional<uint64_t> CounterLog::find(const Increment& increment) const {
  const auto it = index_of_.find(increment);
  if (it == index_of_.end()) return std::nullopt;
  return it->second;
}

Status CounterLog::append(const Increment& increment) {
  std::string record;
  append_be(record, increment.client);
  append_be(record, increment.request);
  RETURN_IF_ERROR(log_->append(record));
  add(increment);
  return {};
}

void CounterLog::add(const Increment& increment) {
  const bool is_new = index_of_.emplace(increment, entries_.size()).second;
  CHECK(is_new);
  entries_.push_back(increment);
}

}  // namespace aftersync::demo
