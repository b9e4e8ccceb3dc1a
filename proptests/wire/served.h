// A connection served by a task, and the client at its other end.
#pragma once

#include <functional>

#include "proptests/wire/scripted_handler.h"
#include "proptests/wire/wire_client.h"

namespace aftersync::wire {

// What a test may set before, and see after.
struct Served {
  ScriptedAccounts accounts{};
  FastAuthentication fast{};
  ConnectionOptions options{};
  ScriptedHandler handler{};
  Status end{};  // what Connection::run returned
};

// Serves one connection on `node` while `talk` plays the client, which is not logged in yet; joins.
void serve_one(Node& node, Served& served, const std::function<void(WireClient&)>& talk);

// A client logged in as bob, with `capabilities` beside the usual ones. CHECKs that it works.
void log_in(WireClient& client, uint32_t capabilities = 0);

}  // namespace aftersync::wire
