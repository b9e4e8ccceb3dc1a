// CRC-32C: the standard's own examples, and two implementations against each other.
#include "core/base/crc32c.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "core/base/prng.h"

namespace aftersync {
namespace {

std::string ascending(int from, int to, int step) {
  std::string bytes;
  for (int i = from; i != to + step; i += step) bytes += static_cast<char>(i);
  return bytes;
}

// RFC 3720, appendix B.4; and the check value of the CRC catalogues.
TEST(Crc32c, PublishedExamples) {
  std::string read_pdu(48, '\0');
  read_pdu[0] = '\x01';
  read_pdu[1] = '\xc0';
  read_pdu[16] = '\x14';
  read_pdu[22] = '\x04';
  read_pdu[27] = '\x14';
  read_pdu[31] = '\x18';
  read_pdu[32] = '\x28';
  read_pdu[40] = '\x02';
  const std::pair<std::string, uint32_t> examples[] = {
      {std::string(32, '\0'), 0x8a9136aau},
      {std::string(32, '\xff'), 0x62a8ab43u},
      {ascending(0, 31, 1), 0x46dd794eu},
      {ascending(31, 0, -1), 0x113fdb5cu},
      {read_pdu, 0xd9963a56u},
      {"123456789", 0xe3069283u},
      {"", 0u},
  };
  for (const auto& [bytes, expected] : examples) {
    EXPECT_EQ(crc32c(bytes), expected);
    EXPECT_EQ(crc32c_portable(bytes), expected);
  }
}

std::string random_bytes(uint64_t seed, size_t size) {
  Prng prng(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(prng.next());
  return bytes;
}

// Lengths around every block size that an implementation might work in, at every alignment.
TEST(Crc32c, HardwareAndTablesAgreeAtEveryLengthAndAlignment) {
  const std::string bytes = random_bytes(1, 1200);
  for (size_t offset = 0; offset < 9; ++offset) {
    for (size_t size = 0; size + offset <= bytes.size(); ++size) {
      const auto part = std::string_view(bytes).substr(offset, size);
      ASSERT_EQ(crc32c(part), crc32c_portable(part)) << offset << " " << size;
    }
  }
}

RC_GTEST_PROP(Crc32cProperty, HardwareAndTablesAgree, (uint64_t seed, uint32_t crc)) {
  const auto size = *rc::gen::inRange<size_t>(0, 70'000);
  const std::string bytes = random_bytes(seed, size);
  RC_ASSERT(crc32c(bytes, crc) == crc32c_portable(bytes, crc));
}

RC_GTEST_PROP(Crc32cProperty, AChecksumMayBeTakenInParts, (uint64_t seed)) {
  const auto size = *rc::gen::inRange<size_t>(0, 20'000);
  const std::string bytes = random_bytes(seed, size);
  const uint32_t whole = crc32c(bytes);
  uint32_t in_parts = 0;
  uint32_t mixed = 0;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto length = *rc::gen::inRange<size_t>(1, rest.size() + 1);
    in_parts = crc32c(rest.substr(0, length), in_parts);
    mixed = length % 2 == 0 ? crc32c(rest.substr(0, length), mixed)
                            : crc32c_portable(rest.substr(0, length), mixed);
    rest.remove_prefix(length);
  }
  RC_ASSERT(in_parts == whole);
  RC_ASSERT(mixed == whole);
}

// What it is for: any burst of up to 32 bits is noticed.
RC_GTEST_PROP(Crc32cProperty, ABurstIsNoticed, (uint64_t seed, uint32_t burst)) {
  RC_PRE(burst != 0);
  const auto size = *rc::gen::inRange<size_t>(4, 16'385);
  std::string bytes = random_bytes(seed, size);
  const uint32_t before = crc32c(bytes);
  const auto at = *rc::gen::inRange<size_t>(0, size - 3);
  for (size_t i = 0; i < 4; ++i) {
    bytes[at + i] = static_cast<char>(bytes[at + i] ^ static_cast<char>(burst >> (8 * i)));
  }
  RC_ASSERT(crc32c(bytes) != before);
}

}  // namespace
}  // namespace aftersync
