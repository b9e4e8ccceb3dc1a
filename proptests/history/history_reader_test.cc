// The reader on good and bad input: every way in which a history can be malformed is named with its
// line, and no bytes whatever make it crash.
#include "model/history/history_reader.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>

#include "core/base/prng.h"
#include "model/history/edn.h"
#include "model/history/generate.h"
#include "proptests/history/support.h"

namespace aftersync::model {
namespace {

const char* const kGood = R"({"index":0,"process":0,"time":5,"type":"invoke","f":"txn",)"
                          R"("value":[["append","x",1],["r",2,null]]}
{"index":1,"process":"nemesis","time":6,"type":"info","f":"kill","value":["n",{"a":[1,2.5e3,true]}]}
{"index":3,"process":0,"time":7,"type":"ok","f":"txn","node":"n1",)"
                          R"("value":[["append","x",1],["r",2,[]]]}
)";

std::string event(const std::string& members) {
  return "{\"index\":0,\"process\":0,\"time\":0,\"type\":\"invoke\",\"f\":\"txn\"" + members +
         "}\n";
}

std::string error_of(const std::string& text) {
  History history;
  const Status status = read_text(text, history);
  return status.ok() ? "" : std::string(status.message());
}

TEST(HistoryReader, ReadsWhatTheFormatSays) {
  History history;
  ASSERT_TRUE(read_text(kGood, history).ok());
  ASSERT_EQ(history.transactions.size(), 1u);
  EXPECT_EQ(history.lines, 3u);
  EXPECT_EQ(history.transaction_text(0), "index 0-3, process 0, ok: append x 1; r 2 []");
}

TEST(HistoryReader, BytesMayComeInAnyPieces) {
  for (size_t piece = 1; piece < 300; ++piece) {
    History history;
    ASSERT_TRUE(read_text(kGood, history, piece).ok()) << piece;
    ASSERT_EQ(history.transactions.size(), 1u);
    ASSERT_EQ(history.micro_ops.size(), 2u);
  }
}

TEST(HistoryReader, LastLineMayLackItsEnd) {
  const std::string text(kGood);
  EXPECT_EQ(error_of(text.substr(0, text.size() - 1)), "");
}

TEST(HistoryReader, MembersMayComeInAnyOrder) {
  const std::string line =
      R"( { "value" : [ ["w", "k\u0041", -3 ] ] , "f":"txn","type":"invoke","time":0,)"
      R"("process":1,"index":0 }
)";
  History history;
  ASSERT_TRUE(read_text(line, history).ok());
  EXPECT_EQ(history.transaction_text(0), "index 0, process 1, info: w kA -3");
}

TEST(HistoryReader, TruncatedLine) {
  EXPECT_EQ(error_of("{\"index\":0,\"pro\n"), "line 1, column 16: a text has no end");
  EXPECT_EQ(error_of("\n[]\n"), "line 2, column 1: expected an object");
}

TEST(HistoryReader, MissingAndWrongMembers) {
  EXPECT_NE(error_of("{\"process\":0}\n").find("no index"), std::string::npos);
  EXPECT_NE(error_of("{\"index\":-1}\n").find("index is negative"), std::string::npos);
  EXPECT_NE(error_of("{\"index\":1.5}\n").find("expected an integer"), std::string::npos);
  EXPECT_NE(error_of("{\"index\":99999999999}\n").find("index is too large"), std::string::npos);
  EXPECT_NE(error_of("{\"index\":1,\"index\":1}\n").find("twice"), std::string::npos);
  EXPECT_NE(error_of("{\"type\":\"done\"}\n").find("none of invoke"), std::string::npos);
  EXPECT_NE(error_of(event("")).find("without a value"), std::string::npos);
  EXPECT_NE(error_of(event(",\"value\":[[\"inc\",1,2]]")).find("none of append"),
            std::string::npos);
  EXPECT_NE(error_of(event(",\"value\":[[\"r\",1]]")).find("before the value"), std::string::npos);
  EXPECT_NE(error_of(event(",\"value\":[[\"append\",1,null]]")).find("an integer"),
            std::string::npos);
}

TEST(HistoryReader, ListsAndRegistersDoNotMix) {
  const std::string text = event(R"(,"value":[["w",1,1],["append",1,2]])");
  EXPECT_NE(error_of(text).find("lists and registers in one history"), std::string::npos);
}

TEST(HistoryReader, AnElementIsWrittenOnce) {
  const std::string text = event(R"(,"value":[["append","x",1],["append","x",1]])");
  EXPECT_EQ(error_of(text),
            "line 1: 1 is written to key x a second time (first at index 0): a read of it would "
            "not name its transaction");
}

TEST(HistoryReader, IntegersHaveALimit) {
  const auto appended = [](const char* element) {
    return event(std::string(",\"value\":[[\"append\",1,") + element + "]]");
  };
  EXPECT_EQ(error_of(appended("4611686018427387904")), "");
  EXPECT_EQ(error_of(appended("-4611686018427387904")), "");
  for (const char* element : {"4611686018427387905", "-4611686018427387905",
                              "9223372036854775808", "99999999999999999999999"}) {
    EXPECT_NE(error_of(appended(element)).find("an integer is too large"), std::string::npos)
        << element;
  }
}

TEST(HistoryReader, PairingOfEvents) {
  const auto line = [](int index, const char* type, const char* f, const char* value) {
    return "{\"index\":" + std::to_string(index) + ",\"process\":4,\"time\":0,\"type\":\"" + type +
           "\",\"f\":\"" + f + "\",\"value\":" + value + "}\n";
  };
  const std::string begin = line(0, "invoke", "txn", "[[\"append\",1,1]]");
  EXPECT_EQ(error_of(line(0, "ok", "txn", "[]")), "line 1: process 4 ends what it has not invoked");
  EXPECT_EQ(error_of(begin + line(1, "invoke", "txn", "[]")),
            "line 2: process 4 invokes before its last operation has ended");
  EXPECT_EQ(error_of(begin + line(1, "info", "txn", "null") + line(2, "invoke", "txn", "[]")),
            "line 3: process 4 invokes again after an info");
  EXPECT_EQ(error_of(begin + line(1, "ok", "set/add", "1")),
            "line 2: process 4 ends a set/add, but is in a txn");
  EXPECT_EQ(error_of(begin + line(1, "ok", "txn", "[[\"append\",1,2]]")),
            "line 2: operation 1 of the txn is not the one that was invoked");
  EXPECT_EQ(error_of(begin + line(1, "ok", "txn", "[]")),
            "line 2: the txn ends with 0 operations, but had 1");
  EXPECT_EQ(error_of(begin + line(0, "ok", "txn", "[]")), "line 2, column 66: index does not grow");
}

TEST(HistoryReader, DeepNestingIsRefused) {
  const std::string deep(100'000, '[');
  EXPECT_NE(error_of(event(",\"x\":" + deep)).find("nest too deeply"), std::string::npos);
}

TEST(Edn, FollowsElle) {
  std::string edn;
  History history;
  HistoryReader reader(history, [&edn](const Event& each) { append_edn(each, edn); });
  ASSERT_TRUE(reader.feed(kGood).ok());
  ASSERT_TRUE(reader.finish().ok());
  EXPECT_EQ(
      edn,
      "{:index 0 :time 5 :type :invoke :process 0 :f :txn :value [[:append \"x\" 1] [:r 2 "
      "nil]]}\n"
      "{:index 1 :time 6 :type :info :process :nemesis :f :kill :value [\"n\" {\"a\" [1 "
      "2.5e3 true]}]}\n"
      "{:index 3 :time 7 :type :ok :process 0 :f :txn :value [[:append \"x\" 1] [:r 2 []]]}\n");
}

// Changes bytes, cuts, repeats and joins pieces of a good history.
std::string mutated(const std::string& good, Prng& random) {
  static constexpr std::string_view kBits[] = {
      "null", "[",       "]", "{", "}", ",", ":", "\"", "\\u12", "-", "99999999999999999999",
      "\n",   "\"txn\"", "0"};
  std::string text = good;
  for (uint64_t n = random.between(1, 4); n > 0 && !text.empty(); --n) {
    const size_t at = random.below(text.size());
    const size_t digit = text.find_first_of("0123456789", at);
    switch (random.below(12)) {
      case 0: text[at] = static_cast<char>(random.below(256)); break;
      case 1: text.erase(at, random.between(1, 20)); break;
      case 2: text.insert(at, kBits[random.below(std::size(kBits))]); break;
      case 3: text.insert(at, text.substr(random.below(text.size()), random.below(80))); break;
      case 4: text.resize(at); break;
      default:  // often still a history, but another one
        if (digit != text.npos) text[digit] = static_cast<char>('0' + random.below(10));
    }
  }
  return text;
}

TEST(HistoryReader, SurvivesMutations) {
  const uint64_t seed = 20'240'601;
  Prng random(seed);
  std::string good(kGood);
  for (const bool registers : {false, true}) {
    GenerateOptions options;
    options.transactions = 12;
    options.registers = registers;
    std::string text;
    generate_history(options, [&text](std::string_view piece) { text += piece; });
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
      const std::string input = mutated(i % 4 == 0 ? good : text, random);
      History history;
      const Status status = read_text(input, history, random.between(1, 2000));
      if (!status.ok()) {
        ASSERT_EQ(status.code(), Code::invalid_argument);
        ASSERT_EQ(status.message().substr(0, 5), "line ") << status.message();
        continue;
      }
      ++accepted;
      (void)check_history(history);
    }
    EXPECT_GT(accepted, 500);  // or the checkers behind the reader saw too little
  }
}

}  // namespace
}  // namespace aftersync::model
