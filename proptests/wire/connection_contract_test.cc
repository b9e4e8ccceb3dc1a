// The command phase on both platforms: every command, every shape of answer, every refusal.
#include "core/wire/connection.h"

#include <gtest/gtest.h>

#include "proptests/support/on_node.h"
#include "proptests/wire/result_reader.h"
#include "proptests/wire/served.h"

namespace aftersync::wire {
namespace {

using namespace std::string_literals;
using Row = std::vector<std::optional<std::string>>;

constexpr uint32_t kSessionTrack = 1 << 23, kDeprecateEof = 1 << 24;

// `talk` with a client that is logged in.
Status with_client(const std::function<void(WireClient&, Served&)>& talk,
                   uint32_t capabilities = 0) {
  Status end;
  on_node([&](Node& node) {
    Served served;
    serve_one(node, served, [&](WireClient& client) {
      log_in(client, capabilities);
      talk(client, served);
    });
    EXPECT_TRUE(served.handler.statements.empty()) << "statements outlive their connection";
    end = served.end;
  });
  return end;
}

ResultSeen command(WireClient& client, char code, std::string_view rest = {}) {
  EXPECT_TRUE(client.command(code, rest));
  return read_answer(client).front();
}

unsigned error_of(const ResultSeen& seen) { return seen.error ? seen.error->number : 0; }

void expect_alive(WireClient& client) {
  const ResultSeen seen = command(client, '\x0e');
  EXPECT_TRUE(seen.well_formed && !seen.error);
}

TEST(Connection, SmallCommands) {
  const Status end = with_client([](WireClient& client, Served& served) {
    expect_alive(client);
    EXPECT_EQ(command(client, '\x02', "shop").status, 2);
    EXPECT_EQ(served.handler.login.database, "shop");
    ResultSeen seen = command(client, '\x02', "nowhere");
    ASSERT_TRUE(seen.error);
    EXPECT_EQ(seen.error->number, 1049u);
    EXPECT_EQ(seen.error->sqlstate, "42000");
    EXPECT_EQ(seen.error->message, "Unknown database 'nowhere'");
    EXPECT_TRUE(client.command('\x09', ""));
    EXPECT_EQ(client.receive(), "Uptime: 1  Threads: 1");
    EXPECT_TRUE(command(client, '\x0c', "\x07\0\0\0"s).well_formed);
    EXPECT_EQ(served.handler.killed, 7u);
    EXPECT_EQ(error_of(command(client, '\x0c', "\xff\xff\0\0"s)), 1094u);
    EXPECT_TRUE(command(client, '\x1f').well_formed);
    EXPECT_EQ(served.handler.resets, 1);
    EXPECT_TRUE(
        command(client, '\x15', "\x09\0\0\0\x01h\x01u\0\x90\x1f\0\0\0\0\0\0\0\0"s).well_formed);
    EXPECT_TRUE(client.command('\x01', ""));
    EXPECT_FALSE(client.receive());
  });
  EXPECT_TRUE(end.ok()) << end.to_string();
}

TEST(Connection, MultiStatementsAreSwitched) {
  (void)with_client([](WireClient& client, Served& served) {
    for (const bool allowed : {true, false}) {
      EXPECT_TRUE(client.command('\x1b', allowed ? "\0\0"s : "\x01\0"s));
      EXPECT_EQ(client.receive(), "\xfe\0\0\x02\0"s) << "an EOF";
      EXPECT_EQ(served.handler.multi_statements, allowed);
    }
    EXPECT_EQ(error_of(command(client, '\x1b', "\x02\0"s)), 1047u);
  });
}

TEST(Connection, UnknownAndMalformedCommandsAreSurvived) {
  (void)with_client([](WireClient& client, Served&) {
    for (int code = 0; code < 256; ++code) {
      const bool known = (code >= 1 && code <= 4) || code == 9 || code == 0x0c || code == 0x0e ||
                         code == 0x11 || code == 0x12 || (code >= 0x15 && code <= 0x1c) ||
                         code == 0x1e || code == 0x1f;
      if (known) continue;
      ASSERT_EQ(error_of(command(client, static_cast<char>(code), "abc")), 1047u) << code;
    }
    EXPECT_TRUE((client.command('\0', ""), client.receive().has_value()));
    for (const char code :
         {'\x04', '\x0c', '\x12', '\x15', '\x17', '\x1a', '\x1b', '\x1c', '\x1e'}) {
      const ResultSeen seen = command(client, code, "a");
      EXPECT_EQ(error_of(seen), 1835u) << int{code};
      EXPECT_NE(seen.error->message.find("COM_"), std::string::npos) << seen.error->message;
      EXPECT_NE(seen.error->message.find("offset "), std::string::npos) << seen.error->message;
    }
    expect_alive(client);
  });
}

const Row kTextOfAllTypes{"-128",
                          "255",
                          "-32768",
                          "65535",
                          "-8388608",
                          "-2147483648",
                          "4294967295",
                          "-9223372036854775808",
                          "18446744073709551615",
                          "2026",
                          "0.5",
                          "-2.25",
                          "-1234567890.12",
                          "2026-01-02",
                          "2026-12-31 23:59:58.123456",
                          "2026-06-07 08:09:10",
                          "-838:59:58.125",
                          "gr\xc3\xbc\xc3\x9f",
                          "\0\xff\n"s};
const Row kBinaryOfAllTypes{"-128",
                            "255",
                            "-32768",
                            "65535",
                            "-8388608",
                            "-2147483648",
                            "4294967295",
                            "-9223372036854775808",
                            "18446744073709551615",
                            "2026",
                            "0.500000",
                            "-2.250000",
                            "-1234567890.12",
                            "2026-1-2 0:0:0.0",
                            "2026-12-31 23:59:58.123456",
                            "2026-6-7 8:9:10.0",
                            "-34d22:59:58.125000",
                            "gr\xc3\xbc\xc3\x9f",
                            "\0\xff\n"s};

TEST(Connection, RowsOfAllTypesWithAndWithoutEof) {
  for (const uint32_t flags : {0u, kDeprecateEof}) {
    (void)with_client(
        [](WireClient& client, Served&) {
          ResultSeen seen = ask(client, "TYPES");
          ASSERT_TRUE(seen.well_formed && !seen.error);
          ASSERT_EQ(seen.rows.size(), 2u);
          EXPECT_EQ(seen.rows[0], kTextOfAllTypes);
          EXPECT_EQ(seen.rows[1], Row(kTextOfAllTypes.size()));
          EXPECT_EQ(seen.status, 2);
          EXPECT_EQ(seen.columns[12].name, "decimal");
          EXPECT_EQ(seen.columns[12].type, 246);
          EXPECT_EQ(seen.columns[12].decimals, 2);
          EXPECT_EQ(seen.columns[17].collation, 45);
          const PreparedSeen prepared = prepare(client, "TYPES");
          ASSERT_TRUE(prepared.well_formed);
          EXPECT_EQ(prepared.columns.size(), seen.columns.size());
          EXPECT_TRUE(client.command('\x17', "\x01\0\0\0\0\x01\0\0\0"s));
          seen = read_answer(client, true).front();
          ASSERT_TRUE(seen.well_formed && !seen.error);
          EXPECT_EQ(seen.rows[0], kBinaryOfAllTypes);
          EXPECT_EQ(seen.rows[1], Row(kBinaryOfAllTypes.size()));
        },
        flags);
  }
}

TEST(Connection, OutcomesInfoAndSessionChanges) {
  (void)with_client([](WireClient& client, Served&) {
    const ResultSeen seen = ask(client, "CHANGE 300");
    ASSERT_TRUE(seen.well_formed);
    EXPECT_EQ(seen.affected_rows, 300u);
    EXPECT_EQ(seen.last_insert_id, 600u);
    EXPECT_EQ(seen.warnings, 2);
    EXPECT_EQ(seen.status, 2);
    EXPECT_EQ(seen.info, "Rows matched: 300");
  });
  (void)with_client(
      [](WireClient& client, Served&) {
        const ResultSeen seen = ask(client, "CHANGE 1");
        ASSERT_TRUE(seen.well_formed);
        EXPECT_EQ(seen.status, 0x4002);
        const std::string gtids = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5";
        const std::vector<std::pair<int, std::string>> expected{{0,
                                                                 "\x0a"
                                                                 "autocommit\x02ON"},
                                                                {1, "\x05other"},
                                                                {2,
                                                                 "\x01"
                                                                 "1"},
                                                                {3, "\0\x28"s + gtids}};
        EXPECT_EQ(seen.changes, expected);
        EXPECT_EQ(ask(client, "SET x").status, 2);
      },
      kSessionTrack);
}

TEST(Connection, SeveralResultsAndErrorsAmongRows) {
  for (const uint32_t flags : {0u, kDeprecateEof}) {
    (void)with_client(
        [](WireClient& client, Served&) {
          EXPECT_TRUE(client.command('\x03', "MULTI"));
          const auto results = read_answer(client);
          ASSERT_EQ(results.size(), 3u);
          EXPECT_EQ(results[0].status, 10);
          EXPECT_EQ(results[1].status, 10);
          EXPECT_EQ(results[1].rows, (std::vector<Row>{{"0", "row 0"}, {"1", "row 1"}}));
          EXPECT_EQ(results[2].status, 2);
          const ResultSeen broken = ask(client, "BREAK");
          EXPECT_EQ(broken.rows.size(), 1u);
          EXPECT_EQ(error_of(broken), 1317u);
          EXPECT_EQ(error_of(ask(client, "NONSENSE")), 1064u);
          EXPECT_EQ(ask(client, "ROWS 3000").rows.size(), 3000u);
          EXPECT_EQ(ask(client, "ROWS 0").rows.size(), 0u);
        },
        flags);
  }
}

TEST(Connection, FieldList) {
  for (const uint32_t flags : {0u, kDeprecateEof}) {
    (void)with_client(
        [](WireClient& client, Served&) {
          EXPECT_TRUE(client.command('\x04', "t\0"s));
          for (size_t i = 0; i < all_types().size(); ++i) {
            const auto payload = client.receive();
            ASSERT_TRUE(payload && payload->ends_with("\0\0\xfb"s)) << i;
          }
          EXPECT_TRUE(client.receive().value_or("").starts_with('\xfe'));
          EXPECT_EQ(error_of(command(client, '\x04', "x\0"s)), 1146u);
        },
        flags);
  }
}

TEST(Connection, ChangeUser) {
  on_node([](Node& node) {
    Served served;
    serve_one(node, served, [&](WireClient& client) {
      log_in(client);
      (void)prepare(client, "PARAMS ?");
      LoginWish wish{.user = "eve"};
      EXPECT_TRUE(client.command('\x11', "eve\0\0shop\0\x2d\0"s));
      EXPECT_TRUE(client.finish_login(wish).value_or("").starts_with('\0'));
      EXPECT_EQ(served.handler.login.user, "eve");
      EXPECT_EQ(served.handler.login.database, "shop");
      EXPECT_TRUE(served.handler.statements.empty());
      expect_alive(client);
      EXPECT_TRUE(client.command('\x11', "bob\0\0\0\x2d\0"s));
      const auto refused = client.finish_login({.user = "bob", .password = "wrong"});
      ASSERT_TRUE(refused);
      EXPECT_EQ(error_in(*refused).number, 1045u);
      EXPECT_FALSE(client.receive()) << "a refused change ends the connection";
    });
  });
}

TEST(Connection, Dumps) {
  const auto dump = [](char code, const std::string& payload) {
    std::string event;
    (void)with_client([&](WireClient& client, Served&) {
      EXPECT_TRUE(client.command(code, payload));
      event = client.receive().value_or("");
      EXPECT_TRUE(client.receive().value_or("").starts_with('\xfe'));
      EXPECT_FALSE(client.receive());
    });
    return event;
  };
  EXPECT_EQ(dump('\x12', "\x04\0\0\0\0\0\x09\0\0\0bin.000007"s), "\0bin.000007@4"s);
  const std::string set = "\x01\0\0\0\0\0\0\0"s + "0123456789abcdef" + "\x01\0\0\0\0\0\0\0"s +
                          "\x01\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0"s;
  const std::string head = "\x04\0\x09\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0"s;
  EXPECT_EQ(dump('\x1e', head + "\x30\0\0\0"s + set),
            "\0"
            "30313233-3435-3637-3839-616263646566:1-5"s);
  (void)with_client([&](WireClient& client, Served&) {
    std::string lying = set;
    lying[24] = '\xff';
    for (const std::string& bad : {head + "\x2f\0\0\0"s + set.substr(0, 47),
                                   head + "\x30\0\0\0"s + lying, head + "\xff\xff\xff\xff"s}) {
      EXPECT_EQ(error_of(command(client, '\x1e', bad)), 1835u);
    }
    expect_alive(client);
  });
}

TEST(Connection, TooLargeAndOutOfOrder) {
  on_node([](Node& node) {
    Served served;
    served.handler.session_limits.max_allowed_packet = 1000;
    serve_one(node, served, [&](WireClient& client) {
      log_in(client);
      EXPECT_EQ(ask(client, "LENGTH " + std::string(992, 'x')).rows.at(0).at(0), "999");
      const ResultSeen seen = ask(client, std::string(5000, 'x'));
      EXPECT_EQ(error_of(seen), 1153u);
      EXPECT_FALSE(client.receive());
    });
    EXPECT_EQ(served.end.code(), Code::too_large);
    Served second;
    serve_one(node, second, [&](WireClient& client) {
      log_in(client);
      EXPECT_TRUE(client.send_raw("\x01\0\0\x05\x0e"s));
      EXPECT_EQ(error_in(client.receive().value_or("")).number, 1156u);
      EXPECT_FALSE(client.receive());
    });
    EXPECT_EQ(second.end.code(), Code::bad_state);
  });
}

TEST(Connection, IdleClientsAreToldAndCutOff) {
  on_node([](Node& node) {
    Served served;
    served.handler.session_limits.idle_timeout = 20ms;
    serve_one(node, served, [&](WireClient& client) {
      log_in(client);
      EXPECT_EQ(error_in(client.receive().value_or("")).number, 4031u);
      EXPECT_EQ(client.sequence(), 1) << "number 0: an answer to nothing";
      EXPECT_FALSE(client.receive());
    });
    EXPECT_EQ(served.end.code(), Code::timed_out);
  });
}

TEST(Connection, RefusedBeforeTheGreeting) {
  on_node([](Node& node) {
    auto listener = node.net().listen("127.0.0.1:0");
    Task server = node.tasks().spawn("server", [&] {
      auto stream = listener->accept(kNever);
      Connection::refuse(node, *stream, errors::too_many_connections());
    });
    auto stream = node.net().connect(listener->address(), kNever);
    WireClient client(node, *std::move(stream));
    EXPECT_EQ(client.receive(), "\xff\x10\x04Too many connections");
    EXPECT_FALSE(client.receive());
    server.join();
  });
}

}  // namespace
}  // namespace aftersync::wire
