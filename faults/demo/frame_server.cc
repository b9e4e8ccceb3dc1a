// FrameServer: accepting, conversing, reaping.
#include "faults/demo/frame_server.h"

#include "faults/demo/frame.h"

namespace aftersync::demo {

namespace {

constexpr Duration kListenRetry = 10ms;

}  // namespace

Status FrameServer::serve() {
  auto listener = node_.net().listen(address_);
  while (!listener.ok()) {
    // The address may still be held by the process that ran here before.
    if (listener.code() != Code::unavailable) return listener.status();
    RETURN_IF_ERROR(node_.tasks().sleep_for(kListenRetry));
    listener = node_.net().listen(address_);
  }
  while (!node_.tasks().shutdown_requested()) {
    auto accepted = listener->accept(kNever);
    reap(false);
    if (!accepted.ok()) {
      if (!node_.tasks().sleep_for(kListenRetry).ok()) break;
      continue;
    }
    Connection& connection = connections_.emplace_back(std::move(accepted).value());
    connection.task = node_.tasks().spawn("connection", [this, &connection] {
      converse(connection);
      connection.ended.store(true);
    });
  }
  reap(true);
  return {};
}

void FrameServer::converse(Connection& connection) {
  while (true) {
    const MonoTime deadline = node_.clock().now() + kIdleLimit;
    const auto request = receive_frame(connection.stream, deadline);
    if (!request.ok()) break;
    const auto reply = handler_(*request);
    if (!reply) break;
    if (!send_frame(connection.stream, *reply, node_.clock().now() + kIdleLimit).ok()) break;
  }
  connection.stream.shut_down();
}

void FrameServer::reap(bool all) {
  for (auto it = connections_.begin(); it != connections_.end();) {
    if (!all && !it->ended.load()) {
      ++it;
      continue;
    }
    it->task.join();
    it = connections_.erase(it);
  }
}

}  // namespace aftersync::demo
