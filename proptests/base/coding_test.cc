// The coding layer: what is written is read, and what was not written by us is refused.
//
// Inputs stand in heap blocks of exactly their size, so that the address sanitizer sees a read
// beyond the end.
#include "core/base/coding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <variant>
#include <vector>

namespace aftersync {
namespace {

using namespace std::string_literals;

std::string varint(uint64_t value) {
  std::string bytes;
  append_varint(bytes, value);
  return bytes;
}

TEST(Coding, ByteOrdersAreWhatTheirNamesSay) {
  std::string bytes;
  append_be<uint32_t>(bytes, 0x01020304);
  append_le<uint32_t>(bytes, 0x01020304);
  append_be<uint16_t>(bytes, 0x0102);
  append_le<uint64_t>(bytes, 0x0102030405060708);
  append_be<uint8_t>(bytes, 0xff);
  EXPECT_EQ(bytes, "\1\2\3\4\4\3\2\1\1\2\x8\7\6\5\4\3\2\1\xff"s);
}

template <typename U>
void number_comes_back(U value) {
  char bytes[sizeof(U)];
  store_be(bytes, value);
  RC_ASSERT(load_be<U>(bytes) == value);
  store_le(bytes, value);
  RC_ASSERT(load_le<U>(bytes) == value);
}

RC_GTEST_PROP(CodingProperty, NumbersComeBack, (uint64_t value)) {
  number_comes_back(value);
  number_comes_back(static_cast<uint32_t>(value));
  number_comes_back(static_cast<uint16_t>(value));
  number_comes_back(static_cast<uint8_t>(value));
}

RC_GTEST_PROP(CodingProperty, BigEndianComparesAsTheNumber, (uint64_t a, uint64_t b)) {
  std::string first;
  std::string second;
  append_be(first, a);
  append_be(second, b);
  RC_ASSERT((first < second) == (a < b));
}

// Values at which an encoding changes its length, and their neighbours.
std::vector<uint64_t> varint_edges() {
  std::vector<uint64_t> values = {0, 1, std::numeric_limits<uint64_t>::max()};
  for (int bits = 7; bits < 64; bits += 7) {
    const uint64_t edge = uint64_t{1} << bits;
    values.insert(values.end(), {edge - 1, edge, edge + 1});
  }
  return values;
}

void check_varint(uint64_t value) {
  const std::string bytes = varint(value);
  ASSERT_LE(bytes.size(), kMaxVarintBytes);
  ASSERT_EQ(bytes.size(), varint_size(value));
  Reader reader(bytes);
  ASSERT_EQ(reader.varint(), value);
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(reader.at_end());
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    const std::vector<char> exact(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(cut));
    Reader truncated({exact.data(), exact.size()});
    ASSERT_EQ(truncated.varint(), 0u);
    ASSERT_FALSE(truncated.ok()) << value << " cut to " << cut;
    ASSERT_EQ(truncated.offset(), 0u);
  }
}

TEST(Varint, ComesBackAtEveryEdge) {
  for (const uint64_t value : varint_edges()) check_varint(value);
  EXPECT_EQ(varint(0), "\0"s);
  EXPECT_EQ(varint(127), "\x7f");
  EXPECT_EQ(varint(128), "\x80\x01");
  EXPECT_EQ(varint(UINT64_MAX), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

RC_GTEST_PROP(VarintProperty, ComesBack, (uint64_t value)) {
  const auto shift = *rc::gen::inRange(0, 64);
  check_varint(value >> shift);
}

TEST(Varint, OtherEncodingsOfAValueAreRefused) {
  for (const std::string& bytes :
       {"\x80\x00"s, "\x81\x00"s, "\xff\x80\x00"s, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"s,
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f"s,
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"s,
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s}) {
    Reader reader(bytes);
    EXPECT_EQ(reader.varint(), 0u);
    EXPECT_FALSE(reader.ok());
  }
}

// Whatever is accepted is what we would have written.
RC_GTEST_PROP(VarintProperty, AValueHasOneEncoding, ()) {
  // Mostly continuation bytes, so that long encodings are common.
  const auto byte = rc::gen::weightedOneOf<uint8_t>(
      {{3, rc::gen::inRange<uint8_t>(0x80, 0xff)}, {2, rc::gen::inRange<uint8_t>(0, 0x80)}});
  const auto bytes = *rc::gen::container<std::vector<uint8_t>>(byte);
  const std::string text(bytes.begin(), bytes.end());
  Reader reader(text);
  const uint64_t value = reader.varint();
  RC_CLASSIFY(reader.ok(), "accepted");
  if (reader.ok()) RC_ASSERT(varint(value) == text.substr(0, reader.offset()));
}

// A record of any fields, as a format would have them.
struct Be8 {
  uint8_t value;
};
struct Be16 {
  uint16_t value;
};
struct Be32 {
  uint32_t value;
};
struct Be64 {
  uint64_t value;
};
struct Le32 {
  uint32_t value;
};
struct Varint {
  uint64_t value;
};
struct Prefixed {
  std::string value;
};
using Field = std::variant<Be8, Be16, Be32, Be64, Le32, Varint, Prefixed>;

Field arbitrary_field() {
  const auto number = *rc::gen::arbitrary<uint64_t>();
  switch (*rc::gen::inRange(0, 7)) {
    case 0: return Be8{static_cast<uint8_t>(number)};
    case 1: return Be16{static_cast<uint16_t>(number)};
    case 2: return Be32{static_cast<uint32_t>(number)};
    case 3: return Be64{number};
    case 4: return Le32{static_cast<uint32_t>(number)};
    case 5: return Varint{number >> *rc::gen::inRange(0, 64)};
    default: return Prefixed{*rc::gen::arbitrary<std::string>()};
  }
}

std::vector<Field> arbitrary_record() {
  std::vector<Field> record;
  const auto count = *rc::gen::inRange(1, 8);
  for (int i = 0; i < count; ++i) record.push_back(arbitrary_field());
  return record;
}

void append_field(std::string& to, const Field& field) {
  std::visit(
      [&](const auto& f) {
        using F = std::decay_t<decltype(f)>;
        if constexpr (std::same_as<F, Prefixed>) {
          append_length_prefixed(to, f.value);
        } else if constexpr (std::same_as<F, Varint>) {
          append_varint(to, f.value);
        } else if constexpr (std::same_as<F, Le32>) {
          append_le(to, f.value);
        } else {
          append_be(to, f.value);
        }
      },
      field);
}

// Reads a field of the same kind; true when it holds the same.
bool reads_back(Reader& reader, const Field& field) {
  return std::visit(
      [&](const auto& f) {
        using F = std::decay_t<decltype(f)>;
        if constexpr (std::same_as<F, Prefixed>) {
          return reader.length_prefixed() == f.value;
        } else if constexpr (std::same_as<F, Varint>) {
          return reader.varint() == f.value;
        } else if constexpr (std::same_as<F, Le32>) {
          return reader.le<uint32_t>() == f.value;
        } else {
          return reader.be<decltype(f.value)>() == f.value;
        }
      },
      field);
}

std::string encode(const std::vector<Field>& record) {
  std::string bytes;
  for (const Field& field : record) append_field(bytes, field);
  return bytes;
}

RC_GTEST_PROP(ReaderProperty, ARecordComesBack, ()) {
  const std::vector<Field> record = arbitrary_record();
  const std::string bytes = encode(record);
  Reader reader(bytes);
  for (const Field& field : record) {
    RC_ASSERT(reads_back(reader, field));
    RC_ASSERT(reader.offset() + reader.rest().size() == bytes.size());
  }
  RC_ASSERT(reader.ok());
  RC_ASSERT(reader.at_end());
}

RC_GTEST_PROP(ReaderProperty, ARecordCutAnywhereFailsAndStaysFailed, ()) {
  const std::vector<Field> record = arbitrary_record();
  const std::string bytes = encode(record);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    const std::vector<char> exact(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(cut));
    Reader reader({exact.data(), exact.size()});
    for (const Field& field : record) (void)reads_back(reader, field);
    RC_ASSERT(!reader.ok());
    const size_t offset = reader.offset();
    RC_ASSERT(offset <= cut);
    RC_ASSERT(reader.be<uint8_t>() == 0);
    RC_ASSERT(reader.varint() == 0u);
    RC_ASSERT(reader.bytes(0).empty() && reader.bytes(1).empty());
    RC_ASSERT(!reader.ok() && reader.offset() == offset);
  }
}

RC_GTEST_PROP(ReaderProperty, GarbageIsReadSafely, (const std::vector<char>& garbage)) {
  Reader reader({garbage.data(), garbage.size()});
  for (int i = 0; i < 20; ++i) {
    switch (*rc::gen::inRange(0, 4)) {
      case 0: (void)reader.length_prefixed(); break;
      case 1: (void)reader.be<uint64_t>(); break;
      case 2: (void)reader.varint(); break;
      default: (void)reader.bytes(*rc::gen::arbitrary<uint64_t>());
    }
    RC_ASSERT(reader.offset() <= garbage.size());
    RC_ASSERT(reader.offset() + reader.rest().size() == garbage.size());
  }
}

TEST(Reader, AHugeLengthDoesNotWrapAround) {
  std::string bytes = varint(UINT64_MAX) + "abc";
  Reader reader(bytes);
  EXPECT_EQ(reader.length_prefixed(), "");
  EXPECT_FALSE(reader.ok());
  Reader near(bytes);
  EXPECT_EQ(near.bytes(UINT64_MAX - 3), "");
  EXPECT_FALSE(near.ok());
  EXPECT_EQ(near.offset(), 0u);
}

TEST(Reader, NothingIsAValidRead) {
  Reader reader("");
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.bytes(0), "");
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.be<uint8_t>(), 0);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace aftersync
