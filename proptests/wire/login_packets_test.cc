// Packets of the connection phase: bytes from the manual's examples, and every cut of them.
#include "core/wire/login_packets.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/wire/capability.h"

namespace aftersync::wire {
namespace {

using namespace std::string_literals;
using Attributes = std::vector<std::pair<std::string, std::string>>;

TEST(LoginPackets, GreetingBytes) {
  Greeting greeting{.server_version = "8.0.34",
                    .connection_id = 0x0b,
                    .scramble = "abcdefghijklmnopqrst",
                    .capabilities = 0xc00ff7df,
                    .collation = 8,
                    .status = 2,
                    .plugin = "mysql_native_password"};
  EXPECT_EQ(encode_greeting(greeting),
            "\x0a"
            "8.0.34\0\x0b\0\0\0abcdefgh\0\xdf\xf7\x08\x02\0\x0f\xc0\x15"s +
                std::string(10, '\0') + "ijklmnopqrst\0mysql_native_password\0"s);
  EXPECT_EQ(encode_auth_switch("p", "abcdefghijklmnopqrst"), "\xfep\0abcdefghijklmnopqrst\0"s);
}

// The example of a client of 5.5.8 on the page of HandshakeResponse41, its answer shortened.
const std::string kLogin = "\x8d\xa6\x0f\0\0\0\0\x01\x08"s + std::string(23, '\0') +
                           "pam\0\x03"
                           "abc"
                           "test\0"
                           "mysql_native_password\0"s;

TEST(LoginPackets, LoginFromTheManual) {
  const auto login = parse_login(kLogin);
  ASSERT_TRUE(login.ok()) << login.status().to_string();
  EXPECT_EQ(login->capabilities, 0x000fa68du);
  EXPECT_EQ(login->max_packet_size, 1u << 24);
  EXPECT_EQ(login->collation, 8);
  EXPECT_EQ(login->user, "pam");
  EXPECT_EQ(login->answer, "abc");
  EXPECT_EQ(login->database, "test");
  EXPECT_EQ(login->plugin, "mysql_native_password");
}

TEST(LoginPackets, Attributes) {
  const std::string head = "\x01\x82\x30\0\0\0\0\x01\x08"s + std::string(23, '\0') + "u\0\x00"s;
  auto login = parse_login(head + "\x0c\x03_os\x03win\x01k\x01v"s);
  ASSERT_TRUE(login.ok()) << login.status().to_string();
  EXPECT_EQ(login->attributes, (Attributes{{"_os", "win"}, {"k", "v"}}));
  EXPECT_EQ(parse_login(head + "\x0b\x03_os\x03win\x01k\x02v"s).status().message(),
            "HandshakeResponse: offset 36: attributes block: offset 11: value needs 2 bytes, "
            "0 are left");
  EXPECT_EQ(parse_login(head + "\xfd\xff\xff\xff"s).status().message(),
            "HandshakeResponse: offset 39: attributes exceed 64 KiB");
}

TEST(LoginPackets, OldClientsAndSslRequests) {
  EXPECT_EQ(parse_login("\x85\x24\0\0\0old\0"s).code(), Code::unsupported);
  EXPECT_TRUE(is_ssl_request("\x01\x8a\0\0"s + std::string(28, '\0')));
  EXPECT_FALSE(is_ssl_request("\x01\x82\0\0"s + std::string(28, '\0')));
  EXPECT_FALSE(is_ssl_request("\x01\x8a\0\0"s + std::string(29, '\0')));
}

TEST(LoginPackets, ChangeUser) {
  const auto flags = capability::kSecureConnection | capability::kPluginAuth |
                     capability::kPluginAuthLenenc | capability::kConnectAttributes;
  const std::string packet = "\x11pam\0\x02xytest\0\x2d\0plug\0\x04\x01k\x01v"s;
  const auto login = parse_change_user(packet, flags);
  ASSERT_TRUE(login.ok()) << login.status().to_string();
  EXPECT_EQ(login->user, "pam");
  EXPECT_EQ(login->answer, "xy");
  EXPECT_EQ(login->database, "test");
  EXPECT_EQ(login->collation, 45);
  EXPECT_EQ(login->plugin, "plug");
  EXPECT_EQ(login->attributes, (Attributes{{"k", "v"}}));
  // What follows the schema may be absent, but not in part.
  EXPECT_TRUE(parse_change_user(packet.substr(0, 13), flags).ok());
  EXPECT_FALSE(parse_change_user(packet.substr(0, 12), flags).ok());
  EXPECT_FALSE(parse_change_user(packet.substr(0, 14), flags).ok());
}

// A cut packet is malformed unless what is gone may be absent, and is never read past its end.
TEST(LoginPackets, EveryCut) {
  const size_t without_database = kLogin.find("test");
  const size_t without_plugin = kLogin.find("mysql");
  for (size_t size = 0; size < kLogin.size(); ++size) {
    const std::string cut = kLogin.substr(0, size);
    EXPECT_EQ(parse_login(cut).ok(), size == without_database || size == without_plugin) << size;
  }
}

RC_GTEST_PROP(LoginPackets, AnyBytes, (std::string bytes)) {
  const auto login = parse_login(bytes);
  if (!login.ok() && login.code() != Code::unsupported) {
    RC_ASSERT(login.status().message().starts_with("HandshakeResponse: offset "));
  }
  (void)parse_change_user(bytes, *rc::gen::arbitrary<uint32_t>());
}

}  // namespace
}  // namespace aftersync::wire
