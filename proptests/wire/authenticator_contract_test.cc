// The connection phase on both platforms: every plugin, every way, and every refusal.
#include "core/wire/authenticator.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/wire/answer_packets.h"
#include "core/wire/capability.h"
#include "proptests/support/on_node.h"
#include "proptests/wire/test_keys.h"
#include "proptests/wire/wire_client.h"

namespace aftersync::wire {
namespace {

class Accounts : public AccountStore {
 public:
  Accounts() {
    add("ann", kCachingSha2Plugin, sha2_authentication_string("secret", "ABCDEFGHIJ0123456789"));
    add("bob", kNativePlugin, native_authentication_string("secret"));
    add("eve", kCachingSha2Plugin, "");
    add("old", "mysql_old_password", "0123456789abcdef");
    add("tls", kNativePlugin, native_authentication_string("secret"));
    accounts_.back().require_secure_transport = true;
  }
  std::optional<Account> find(std::string_view user, std::string_view) override {
    for (const Account& account : accounts_) {
      if (account.user == user) return account;
    }
    return std::nullopt;
  }

 private:
  void add(std::string user, std::string_view plugin, std::string kept) {
    accounts_.push_back({.user = std::move(user),
                         .host = "%",
                         .plugin = std::string(plugin),
                         .authentication_string = std::move(kept)});
  }

  std::vector<Account> accounts_;
};

// A server that logs one client in after another and says how it went.
class LoginServer {
 public:
  explicit LoginServer(Node& node) : node_(node) {
    library_ = *OpenSslLibrary::open(node.rng());
    tls_ = *TlsContext::server(*library_, kTestCertificate, kTestKey);
    rsa_ = *RsaKey::from_pem(*library_, kTestKey);
    client_tls_ = *TlsContext::client(*library_, kTestCertificate);
    options.accounts = &accounts_;
    options.fast = &fast_;
    options.tls = tls_.get();
    options.rsa = rsa_.get();
  }

  struct Outcome {
    std::optional<std::string> last;  // payload that the client got
    std::vector<std::string> steps;
    std::optional<Login> login;
    Status status;
  };

  Outcome log_in(const LoginWish& wish) {
    return serve([&](WireClient& client) { return client.log_in(wish); });
  }

  Outcome serve(const std::function<std::optional<std::string>(WireClient&)>& talk) {
    Outcome outcome;
    auto listener = node_.net().listen("127.0.0.1:0");
    CHECK_OK(listener);
    Task server = node_.tasks().spawn("server", [&] {
      auto stream = listener->accept(node_.clock().now() + kPatience);
      CHECK_OK(stream);
      outcome.status = serve_one(*stream, outcome);
      stream->shut_down();
    });
    {
      auto stream = node_.net().connect(listener->address(), node_.clock().now() + kPatience);
      CHECK_OK(stream);
      WireClient client(node_, *std::move(stream));
      outcome.last = talk(client);
      outcome.steps = client.steps();
      client.stream().shut_down();
    }
    server.join();
    return outcome;
  }

  TlsContext* client_tls() { return client_tls_.get(); }

  AuthenticationOptions options;

 private:
  Status serve_one(Stream& stream, Outcome& outcome) {
    PacketLimits limits;
    limits.until = node_.clock().now() + kPatience;
    PacketStream packets(node_.clock(), std::make_unique<PlainChannel>(stream), limits);
    Authenticator authenticator(options, node_.rng(), packets, "10.0.0.9");
    ASSIGN_OR_RETURN(Authenticator::Answer answer, authenticator.log_in(77));
    if (auto* login = std::get_if<Login>(&answer)) {
      append_ok(packets.begin_packet(), {}, login->capabilities, kOkHeader);
      outcome.login = std::move(*login);
    } else {
      append_error(packets.begin_packet(), std::get<ServerError>(answer), capability::kServer);
    }
    RETURN_IF_ERROR(packets.end_packet());
    return packets.flush();
  }

  Node& node_;
  Accounts accounts_;
  FastAuthentication fast_;
  std::unique_ptr<OpenSslLibrary> library_;
  std::unique_ptr<TlsContext> tls_;
  std::unique_ptr<TlsContext> client_tls_;
  std::unique_ptr<RsaKey> rsa_;
};

using Steps = std::vector<std::string>;

const char* const kDenied = "Access denied for user '%s'@'10.0.0.9' (using password: %s)";

void expect_error(const LoginServer::Outcome& outcome, unsigned number, const char* sqlstate,
                  const std::string& message) {
  ASSERT_TRUE(outcome.last) << outcome.status.to_string();
  const ErrorSeen error = error_in(*outcome.last);
  EXPECT_EQ(error.number, number);
  EXPECT_EQ(error.sqlstate, sqlstate);
  EXPECT_EQ(error.message, message);
  EXPECT_FALSE(outcome.login);
}

void expect_denied(const LoginServer::Outcome& outcome, const char* user, const char* password) {
  char text[200];
  std::snprintf(text, sizeof text, kDenied, user, password);
  expect_error(outcome, 1045, "28000", text);
}

TEST(Authenticator, FullThenFastInTheClear) {
  on_node([](Node& node) {
    LoginServer server(node);
    LoginWish wish{.password = "secret", .database = "db", .attributes = {{"_os", "x"}}};
    auto outcome = server.log_in(wish);
    ASSERT_TRUE(outcome.login) << outcome.status.to_string();
    EXPECT_EQ(outcome.steps, (Steps{"full", "key"}));
    EXPECT_EQ(outcome.login->database, "db");
    EXPECT_EQ(outcome.login->attributes, wish.attributes);
    EXPECT_EQ(outcome.login->collation, 45);
    EXPECT_FALSE(outcome.login->tls);
    outcome = server.log_in(wish);
    EXPECT_TRUE(outcome.login);
    EXPECT_EQ(outcome.steps, (Steps{"fast"}));
    wish.password = "wrong";
    outcome = server.log_in(wish);
    expect_denied(outcome, "ann", "YES");
    EXPECT_EQ(outcome.steps, (Steps{"full", "key"}));
  });
}

TEST(Authenticator, FullOverTls) {
  on_node([](Node& node) {
    LoginServer server(node);
    const LoginWish wish{.password = "secret", .tls = server.client_tls(), .split_answers = true};
    const auto outcome = server.log_in(wish);
    ASSERT_TRUE(outcome.login) << outcome.status.to_string();
    EXPECT_EQ(outcome.steps, (Steps{"full"}));
    EXPECT_TRUE(outcome.login->tls);
    expect_denied(server.log_in({.password = "no", .tls = server.client_tls()}), "ann", "YES");
  });
}

TEST(Authenticator, SwitchesOfPlugin) {
  on_node([](Node& node) {
    LoginServer server(node);
    auto outcome = server.log_in({.user = "bob", .password = "secret"});
    EXPECT_TRUE(outcome.login);
    EXPECT_EQ(outcome.steps, (Steps{"switch"}));
    outcome = server.log_in({.user = "bob", .password = "secret", .plugin = ""});
    EXPECT_TRUE(outcome.login) << "a client that knows no plugins has the native one";
    EXPECT_EQ(outcome.steps, Steps());
    outcome = server.log_in({.password = "secret", .plugin = "mysql_native_password"});
    EXPECT_TRUE(outcome.login);
    EXPECT_EQ(outcome.steps, (Steps{"switch", "full", "key"}));
    expect_denied(server.log_in({.user = "bob", .password = "wrong"}), "bob", "YES");
    expect_denied(server.log_in({.user = "bob"}), "bob", "NO");
    expect_error(server.log_in({.password = "secret", .plugin = ""}), 1251, "08004",
                 errors::client_too_old().message);
    expect_error(server.log_in({.user = "old", .password = "x"}), 1524, "HY000",
                 "Plugin 'mysql_old_password' is not loaded");
  });
}

TEST(Authenticator, EmptyPasswordsAndUnknownUsers) {
  on_node([](Node& node) {
    LoginServer server(node);
    EXPECT_TRUE(server.log_in({.user = "eve"}).login);
    expect_denied(server.log_in({.user = "eve", .password = "x"}), "eve", "YES");
    expect_denied(server.log_in({}), "ann", "NO");
    // Nothing tells an unknown user from a wrong password.
    const auto unknown = server.log_in({.user = "nobody", .password = "x"});
    expect_denied(unknown, "nobody", "YES");
    EXPECT_EQ(unknown.steps, server.log_in({.password = "x"}).steps);
  });
}

TEST(Authenticator, TransportThatIsRequired) {
  on_node([](Node& node) {
    LoginServer server(node);
    const LoginWish clear{.user = "tls", .password = "secret"};
    LoginWish encrypted = clear;
    encrypted.tls = server.client_tls();
    expect_denied(server.log_in(clear), "tls", "YES");
    EXPECT_TRUE(server.log_in(encrypted).login);
    server.options.require_secure_transport = true;
    expect_error(server.log_in({.user = "bob", .password = "secret"}), 3159, "HY000",
                 errors::insecure_transport().message);
    EXPECT_TRUE(server.log_in(encrypted).login);
    server.options.tls = nullptr;
    EXPECT_FALSE(server.log_in(encrypted).login);
  });
}

TEST(Authenticator, Garbage) {
  on_node([](Node& node) {
    LoginServer server(node);
    const auto send = [&](std::string payload) {
      return server.serve([&](WireClient& client) -> std::optional<std::string> {
        (void)client.read_greeting();
        client.send(payload);
        return client.receive();
      });
    };
    const std::string bad = "Bad handshake";
    expect_error(send(""), 1043, "08S01", bad);
    expect_error(send(std::string("\x85\x24\0\0\0old\0", 9)), 1043, "08S01", bad);
    expect_error(send(std::string("\x01\x82\0\0", 4) + std::string(28, '\0') + "ann"), 1043,
                 "08S01", bad);
    // What is no TLS after an SSLRequest ends the connection.
    const auto outcome = server.serve([&](WireClient& client) -> std::optional<std::string> {
      (void)client.read_greeting();
      client.send(std::string("\x01\x8a\0\0", 4) + std::string(28, '\0'));
      client.send_raw("GET / HTTP/1.1\r\n\r\n");
      while (client.receive()) {
      }
      return std::nullopt;
    });
    EXPECT_EQ(outcome.status.code(), Code::connection_lost) << outcome.status.to_string();
  });
}

TEST(Authenticator, Greeting) {
  on_node([](Node& node) {
    LoginServer server(node);
    std::string first;
    for (int i = 0; i < 2; ++i) {
      (void)server.serve([&](WireClient& client) -> std::optional<std::string> {
        const GreetingSeen seen = client.read_greeting();
        EXPECT_EQ(seen.version, "8.0.34-aftersync");
        EXPECT_EQ(seen.connection_id, 77u);
        EXPECT_EQ(seen.plugin, "caching_sha2_password");
        EXPECT_EQ(seen.capabilities & 1, 1u) << "libmariadb takes others for MariaDB";
        EXPECT_EQ(seen.capabilities & 2048, 2048u);
        EXPECT_EQ(seen.scramble.find('\0'), std::string::npos);
        EXPECT_NE(seen.scramble, first);
        first = seen.scramble;
        return std::nullopt;
      });
    }
  });
}

}  // namespace
}  // namespace aftersync::wire
