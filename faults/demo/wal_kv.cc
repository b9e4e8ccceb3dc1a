// The key-value toy: store, server, client.
#include "faults/demo/wal_kv.h"

#include "core/base/coding.h"
#include "core/base/fault.h"
#include "core/base/probe.h"
#include "faults/demo/frame_server.h"

namespace aftersync::demo {

namespace {

std::string encode_put(std::string_view key, uint64_t version, std::string_view value) {
  std::string bytes;
  append_length_prefixed(bytes, key);
  append_be(bytes, version);
  append_length_prefixed(bytes, value);
  return bytes;
}

std::string answer_put(WalKv& store, Reader& request) {
  const std::string_view key = request.length_prefixed();
  const auto version = request.be<uint64_t>();
  const std::string_view value = request.length_prefixed();
  if (!request.ok() || !request.at_end()) return "E";
  const Status put = store.put(key, version, value);
  if (put.ok()) return "K";
  return put.code() == Code::no_space ? "F" : "E";
}

std::string answer_get(WalKv& store, Reader& request) {
  const std::string_view key = request.length_prefixed();
  if (!request.ok() || !request.at_end()) return "E";
  const auto found = store.get(key);
  if (!found) return "N";
  std::string reply = "V";
  append_be(reply, found->version);
  append_length_prefixed(reply, found->value);
  return reply;
}

std::string answer(WalKv& store, std::string_view bytes) {
  Reader request(bytes);
  const std::string_view letter = request.bytes(1);
  if (letter == "P") return answer_put(store, request);
  if (letter == "G") return answer_get(store, request);
  return "E";
}

}  // namespace

Result<std::unique_ptr<WalKv>> WalKv::open(Node& node, WalLogOptions options) {
  std::unique_ptr<WalKv> store(new WalKv);
  auto log = WalLog::open(node, std::move(options),
                          [&](std::string_view record) { store->replay(record); });
  if (!log.ok()) return log.status();
  store->log_ = std::move(log).value();
  return store;
}

// The log has vouched for the record, so a malformed one is a programming error... unless a bug
// made the log vouch for garbage: take what can be read.
void WalKv::replay(std::string_view record) {
  Reader reader(record);
  const std::string_view key = reader.length_prefixed();
  const auto version = reader.be<uint64_t>();
  const std::string_view value = reader.length_prefixed();
  if (reader.ok())
    values_.insert_or_assign(std::string(key), VersionedValue{version, std::string(value)});
}

Status WalKv::put(std::string_view key, uint64_t version, std::string_view value) {
  const MutexLock lock(mutex_);
  const auto it = values_.find(key);
  if (it != values_.end() && version <= it->second.version) {
    PROBE("wal-kv/stale-put");
    return {};
  }
  RETURN_IF_ERROR(log_->append(encode_put(key, version, value)));
  if (!AFTERSYNC_FAULT("bug/wal-kv-no-fsync")) log_->sync();
  values_.insert_or_assign(std::string(key), VersionedValue{version, std::string(value)});
  return {};
}

std::optional<VersionedValue> WalKv::get(std::string_view key) {
  const MutexLock lock(mutex_);
  const auto it = values_.find(key);
  if (it == values_.end()) return std::nullopt;
  return it->second;
}

void run_wal_kv_server(Node& node, const WalKvServerOptions& options) {
  auto store = WalKv::open(node, options.log);
  if (!store.ok()) node.crash("cannot recover: " + store.status().to_string());
  FrameServer server(node, options.address, [&](std::string_view request) {
    return std::optional(answer(**store, request));
  });
  if (const Status served = server.serve(); !served.ok()) {
    node.error_log().write(Severity::error, "cannot serve: " + served.to_string());
  }
}

Status WalKvClient::put(std::string_view key, uint64_t version, std::string_view value) {
  const auto reply = server_.ask("P" + encode_put(key, version, value));
  if (!reply.ok()) return reply.status();
  if (*reply == "K") return {};
  if (*reply == "F") return {Code::no_space, "the store's device is full"};
  return {Code::unavailable, "the store answered " + *reply};
}

Result<VersionedValue> WalKvClient::get(std::string_view key) {
  std::string request = "G";
  append_length_prefixed(request, key);
  ASSIGN_OR_RETURN(const std::string reply, server_.ask(request));
  if (reply == "N") return VersionedValue{};
  Reader reader(reply);
  const bool found = reader.bytes(1) == "V";
  VersionedValue value;
  value.version = reader.be<uint64_t>();
  value.value = reader.length_prefixed();
  if (!found || !reader.ok()) return Status(Code::unavailable, "the store answered " + reply);
  return value;
}

}  // namespace aftersync::demo
