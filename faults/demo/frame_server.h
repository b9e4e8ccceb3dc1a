// FrameServer: accepts connections and answers frames, one task a connection.
//
// A peer that vanished without a word (power loss, partition) leaves a connection on which nothing
// will ever arrive; it ends after kIdleLimit.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "core/platform/node.h"

namespace aftersync::demo {

class FrameServer {
 public:
  // Answers one request; called by many tasks at once. Nothing: close the connection.
  using Handler = std::function<std::optional<std::string>(std::string_view request)>;

  static constexpr Duration kIdleLimit = 5s;

  FrameServer(Node& node, std::string address, Handler handler)
      : node_(node), address_(std::move(address)), handler_(std::move(handler)) {}
  FrameServer(const FrameServer&) = delete;
  FrameServer& operator=(const FrameServer&) = delete;

  // Serves until the node is asked to shut down; every connection has ended when it returns.
  Status serve();

 private:
  struct Connection {
    explicit Connection(Stream s) : stream(std::move(s)) {}
    Stream stream;
    Task task;
    std::atomic<bool> ended{false};
  };

  void converse(Connection& connection);
  void reap(bool all);

  Node& node_;
  const std::string address_;
  const Handler handler_;
  std::list<Connection> connections_;  // of the serving task
};

}  // namespace aftersync::demo
