// Parameters of prepared statements: what a client binds is what comes back, whatever it is.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/wire/statement_parameters.h"
#include "proptests/support/on_node.h"
#include "proptests/wire/result_reader.h"
#include "proptests/wire/served.h"

namespace aftersync::wire {
namespace {

using namespace std::string_literals;

std::string little(uint64_t value, size_t bytes) {
  std::string to;
  for (size_t i = 0; i < bytes; ++i) to.push_back(static_cast<char>(value >> 8 * i));
  return to;
}

// One parameter as a client encodes it, and as the reader prints what comes back.
struct Bound {
  uint8_t type = 6;
  bool is_unsigned = false;
  std::string bytes{};
  std::optional<std::string> expected{};
};

uint64_t below(uint64_t limit) { return *rc::gen::inRange<uint64_t>(0, limit); }

Bound integer(uint8_t type, size_t bytes) {
  const bool is_unsigned = *rc::gen::arbitrary<bool>();
  const auto value = *rc::gen::arbitrary<uint64_t>();
  const int spare = static_cast<int>(64 - 8 * bytes);
  const std::string text = is_unsigned
                               ? std::to_string(value << spare >> spare)
                               : std::to_string(static_cast<int64_t>(value << spare) >> spare);
  return {type, is_unsigned, little(value, bytes), text};
}

Bound moment(uint8_t type) {
  uint64_t v[7] = {below(10000), below(13), below(32),     below(24),
                   below(60),    below(60), below(1000000)};
  const size_t size = *rc::gen::element<size_t>(0, 4, 7, 11);
  const size_t fields = size == 0 ? 0 : size == 4 ? 3 : size == 7 ? 6 : 7;
  for (size_t i = fields; i < 7; ++i) v[i] = 0;
  if (type == 10) v[3] = v[4] = v[5] = v[6] = 0;
  std::string bytes = little(size, 1);
  const size_t widths[7] = {2, 1, 1, 1, 1, 1, 4};
  for (size_t i = 0; i < fields; ++i) bytes += little(v[i], widths[i]);
  char text[160];
  std::snprintf(text, sizeof text, "%lu-%lu-%lu %lu:%lu:%lu.%lu", v[0], v[1], v[2], v[3], v[4],
                v[5], v[6]);
  return {type, false, bytes, text};
}

Bound span_of_time() {
  const bool negative = *rc::gen::arbitrary<bool>();
  const uint64_t days = below(35), hour = below(24), minute = below(60), second = below(60),
                 micros = 1 + below(999999);
  char text[160];
  std::snprintf(text, sizeof text, "%s%lud%lu:%lu:%lu.%lu", negative ? "-" : "", days, hour, minute,
                second, micros);
  return {11, false,
          "\x0c" + little(negative ? 1 : 0, 1) + little(days, 4) + little(hour, 1) +
              little(minute, 1) + little(second, 1) + little(micros, 4),
          text};
}

Bound arbitrary_parameter() {
  switch (below(9)) {
    case 0: return integer(1, 1);
    case 1: return integer(2, 2);
    case 2: return integer(3, 4);
    case 3: return integer(8, 8);
    case 4: return moment(*rc::gen::element<uint8_t>(7, 10, 12));
    case 5: return span_of_time();
    case 6: {
      const double value = static_cast<double>(*rc::gen::inRange(-1000000, 1000000)) / 64;
      return {5, false, little(std::bit_cast<uint64_t>(value), 8), std::to_string(value)};
    }
    case 7: {
      const auto text = *rc::gen::string<std::string>();
      return {*rc::gen::element<uint8_t>(15, 246, 252, 253, 254), false,
              (text.size() < 251 ? little(text.size(), 1) : "\xfc" + little(text.size(), 2)) + text,
              text};
    }
    default: return {*rc::gen::element<uint8_t>(6, 3, 253, 12)};
  }
}

std::string execute_payload(uint32_t id, const std::vector<Bound>& bound, bool with_types) {
  std::string to = little(id, 4) + "\0"s + little(1, 4);
  std::string nulls((bound.size() + 7) / 8, '\0');
  for (size_t i = 0; i < bound.size(); ++i) {
    if (!bound[i].expected) nulls[i / 8] = static_cast<char>(nulls[i / 8] | 1 << i % 8);
  }
  to += nulls + (with_types ? "\x01"s : "\0"s);
  for (const Bound& one : bound) {
    if (with_types) to += little(one.type, 1) + (one.is_unsigned ? "\x80"s : "\0"s);
  }
  for (const Bound& one : bound) to += one.bytes;
  return to;
}

std::string statement_of(size_t parameters) {
  std::string sql = "PARAMS";
  for (size_t i = 0; i < parameters; ++i) sql += " ?";
  return sql;
}

void with_client(const std::function<void(WireClient&, Served&)>& talk) {
  on_node([&](Node& node) {
    Served served;
    serve_one(node, served, [&](WireClient& client) {
      log_in(client);
      talk(client, served);
    });
  });
}

TEST(Parameters, WhatIsBoundComesBack) {
  with_client([](WireClient& client, Served&) {
    EXPECT_TRUE(rc::check([&] {
      const auto count = static_cast<size_t>(*rc::gen::inRange(1, 20));
      std::vector<Bound> bound;
      for (size_t i = 0; i < count; ++i) bound.push_back(arbitrary_parameter());
      const PreparedSeen prepared = prepare(client, statement_of(count));
      RC_ASSERT(prepared.well_formed && prepared.parameters == count);
      // The second time the types are left out.
      for (const bool with_types : {true, false}) {
        RC_ASSERT(client.command('\x17', execute_payload(prepared.id, bound, with_types)));
        const ResultSeen seen = read_answer(client, true).front();
        RC_ASSERT(seen.well_formed && !seen.error && seen.rows.size() == 1);
        for (size_t i = 0; i < count; ++i) RC_ASSERT(seen.rows[0][i] == bound[i].expected);
      }
      RC_ASSERT(client.command('\x19', little(prepared.id, 4)));
    }));
  });
}

// Cut anywhere, an execution is malformed, and the connection lives.
TEST(Parameters, EveryCut) {
  with_client([](WireClient& client, Served&) {
    const std::vector<Bound> bound{
        {8, false, little(5, 8), "5"},
        {12, false, "\x07" + little(2026, 2) + "\1\2\3\4\5", "x"},
        {253, false,
         "\x03"
         "abc",
         "abc"},
        {11, false, "\x08" + little(1, 1) + little(2, 4) + "\3\4\5", "y"}};
    const PreparedSeen prepared = prepare(client, statement_of(bound.size()));
    ASSERT_TRUE(prepared.well_formed);
    const std::string whole = execute_payload(prepared.id, bound, true);
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_TRUE(client.command('\x17', whole.substr(0, size)));
      const ResultSeen seen = read_answer(client, true).front();
      ASSERT_TRUE(seen.error) << size;
      EXPECT_EQ(seen.error->number, 1835u) << size;
    }
    EXPECT_TRUE(client.command('\x17', whole));
    EXPECT_FALSE(read_answer(client, true).front().error);
  });
}

unsigned execute_error(WireClient& client, const std::string& payload) {
  EXPECT_TRUE(client.command('\x17', payload));
  const ResultSeen seen = read_answer(client, true).front();
  return seen.error ? seen.error->number : 0;
}

TEST(Parameters, Refusals) {
  with_client([](WireClient& client, Served& served) {
    EXPECT_EQ(execute_error(client, execute_payload(9, {}, true)), 1243u);
    const PreparedSeen prepared = prepare(client, "PARAMS ?");
    const std::vector<Bound> bound{{8, false, little(5, 8), "5"}};
    EXPECT_EQ(execute_error(client, execute_payload(prepared.id, bound, false)), 1835u)
        << "no types have been sent yet";
    std::string cursor = execute_payload(prepared.id, bound, true);
    cursor[4] = '\x02';
    EXPECT_EQ(execute_error(client, cursor), 1235u);
    cursor[4] = '\x01';
    EXPECT_EQ(execute_error(client, cursor), 0u);
    EXPECT_EQ(execute_error(client, execute_payload(prepared.id, {{14, false, "", ""}}, true)),
              1835u);
    EXPECT_TRUE(client.command('\x1c', little(prepared.id, 4) + little(1, 4)));
    EXPECT_EQ(error_in(client.receive().value_or("")).number, 1421u);
    EXPECT_TRUE(client.command('\x1a', little(9, 4)));
    EXPECT_EQ(error_in(client.receive().value_or("")).number, 1243u);
    EXPECT_TRUE(prepare(client, "FAIL").error);
    EXPECT_TRUE(client.command('\x19', little(prepared.id, 4)));
    EXPECT_EQ(execute_error(client, execute_payload(prepared.id, bound, true)), 1243u);
    EXPECT_TRUE(served.handler.statements.empty());
  });
}

TEST(Parameters, LongData) {
  with_client([](WireClient& client, Served& served) {
    served.handler.session_limits.max_allowed_packet = 1000;
    const PreparedSeen prepared = prepare(client, "PARAMS ?");
    const std::string head = little(prepared.id, 4) + little(0, 2);
    const std::string run = execute_payload(prepared.id, {{252, false, "", "x"}}, true);
    EXPECT_TRUE(client.command('\x18', head + "one "));
    EXPECT_TRUE(client.command('\x18', head + "two"));
    EXPECT_TRUE(client.command('\x17', run));
    EXPECT_EQ(read_answer(client, true).front().rows.at(0).at(0), "one two");
    EXPECT_EQ(execute_error(client, run), 1835u) << "long data holds for one execution";
    EXPECT_TRUE(client.command('\x18', head + "forgotten"));
    EXPECT_TRUE(client.command('\x1a', little(prepared.id, 4)));
    EXPECT_TRUE(client.receive().value_or("").starts_with('\0'));
    EXPECT_EQ(execute_error(client, run), 1835u);
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(client.command('\x18', head + std::string(900, 'x')));
    EXPECT_EQ(execute_error(client, run), 1153u);
    EXPECT_TRUE(client.command('\x18', little(prepared.id, 4) + little(1, 2) + "x"));
    EXPECT_EQ(execute_error(client, run), 1835u) << "there is one parameter only";
  });
}

}  // namespace
}  // namespace aftersync::wire
