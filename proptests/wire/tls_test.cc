// Certificates made here are good enough for a client that checks them, and bad PEM is refused.
#include "core/wire/tls.h"

#include <gtest/gtest.h>

#include "proptests/support/on_node.h"
#include "proptests/wire/test_keys.h"

namespace aftersync::wire {
namespace {

// Shakes hands on the machine itself, and sends "ping" one way.
std::string ping_through(Node& node, TlsContext& server, TlsContext& client) {
  auto listener = node.net().listen("127.0.0.1:0");
  CHECK_OK(listener);
  const MonoTime deadline = node.clock().now() + 60s;
  Task task = node.tasks().spawn("server", [&] {
    auto stream = listener->accept(deadline);
    CHECK_OK(stream);
    auto channel = server.shake_hands(std::make_unique<PlainChannel>(*stream), "", deadline);
    if (channel.ok()) (void)(*channel)->send("ping", deadline);
  });
  auto stream = node.net().connect(listener->address(), deadline);
  CHECK_OK(stream);
  std::string got = "no TLS";
  {
    auto channel = client.shake_hands(std::make_unique<PlainChannel>(*stream), "", deadline);
    if (channel.ok()) {
      got.assign(10, '\0');
      const auto size = (*channel)->receive(got, deadline);
      got.resize(size.ok() ? *size : 0);
    }
  }
  stream->shut_down();
  task.join();
  return got;
}

TEST(Tls, MadeCertificates) {
  on_node([](Node& node) {
    const auto library = *OpenSslLibrary::open(node.rng());
    const auto made = make_certificates(*library, node.clock().wall_now(), "aftersync");
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    const auto server = *TlsContext::server(*library, made->certificate, made->key);
    const auto trusting = *TlsContext::client(*library, made->ca_certificate);
    EXPECT_EQ(ping_through(node, *server, *trusting), "ping");
    const auto wary = *TlsContext::client(*library, kTestCertificate);
    EXPECT_EQ(ping_through(node, *server, *wary), "no TLS") << "signed by somebody else";
    EXPECT_TRUE(RsaKey::from_pem(*library, made->ca_key).ok());
    EXPECT_NE(made->key, made->ca_key);
  });
}

TEST(Tls, BadPem) {
  on_node([](Node& node) {
    const auto library = *OpenSslLibrary::open(node.rng());
    const auto code = [&](std::string_view certificate, std::string_view key) {
      return TlsContext::server(*library, certificate, key).code();
    };
    EXPECT_EQ(code(kTestCertificate, kTestKey), Code::ok);
    EXPECT_EQ(code("", kTestKey), Code::invalid_argument);
    EXPECT_EQ(code(kTestCertificate, kTestCertificate), Code::invalid_argument);
    const auto other = *RsaKey::generate(*library);
    EXPECT_EQ(code(kTestCertificate, *other->private_pem()), Code::invalid_argument);
    EXPECT_EQ(RsaKey::from_pem(*library, "x").code(), Code::invalid_argument);
    EXPECT_EQ(TlsContext::client(*library, "x").code(), Code::invalid_argument);
    EXPECT_EQ(other->decrypt("too short to be anything").code(), Code::invalid_argument);
    const auto secret = other->encrypt("secret");
    EXPECT_EQ(*other->decrypt(*secret), "secret");
  });
}

}  // namespace
}  // namespace aftersync::wire
