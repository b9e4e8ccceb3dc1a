// The server half of the tests of a connection: see served.h.
#include "proptests/wire/served.h"

#include "core/base/check.h"

namespace aftersync::wire {

void serve_one(Node& node, Served& served, const std::function<void(WireClient&)>& talk) {
  served.options.authentication.accounts = &served.accounts;
  served.options.authentication.fast = &served.fast;
  served.options.connect_timeout = kPatience;
  auto listener = node.net().listen("127.0.0.1:0");
  CHECK_OK(listener);
  Task server = node.tasks().spawn("server", [&] {
    auto stream = listener->accept(node.clock().now() + kPatience);
    CHECK_OK(stream);
    Connection connection(node, *stream, served.options, 7, served.handler);
    served.end = connection.run();
    stream->shut_down();
  });
  {
    auto stream = node.net().connect(listener->address(), node.clock().now() + kPatience);
    CHECK_OK(stream);
    WireClient client(node, *std::move(stream));
    talk(client);
    client.stream().shut_down();
  }
  server.join();
}

void log_in(WireClient& client, uint32_t capabilities) {
  LoginWish wish{.user = "bob", .password = "secret", .plugin = "mysql_native_password"};
  wish.extra_capabilities = capabilities;
  const auto last = client.log_in(wish);
  CHECK(last.has_value());
  CHECK(last->starts_with('\0'));
}

}  // namespace aftersync::wire
