// Fields of packets: golden bytes, round trips, and nothing read past an end.
#include "core/base/payload_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/lenenc.h"
#include "core/wire/packet_format.h"

namespace aftersync::wire {
namespace {

std::string lenenc(uint64_t value) {
  std::string to;
  append_lenenc_integer(to, value);
  return to;
}

// The borders of each form, from the manual's table.
TEST(PayloadReader, LengthEncodedIntegers) {
  EXPECT_EQ(lenenc(0), std::string("\0", 1));
  EXPECT_EQ(lenenc(250), "\xfa");
  EXPECT_EQ(lenenc(251), std::string("\xfc\xfb\0", 3));
  EXPECT_EQ(lenenc(0xffff), "\xfc\xff\xff");
  EXPECT_EQ(lenenc(0x10000), std::string("\xfd\0\0\x01", 4));
  EXPECT_EQ(lenenc(0xffffff), "\xfd\xff\xff\xff");
  EXPECT_EQ(lenenc(0x1000000), std::string("\xfe\0\0\0\x01\0\0\0\0", 9));
}

RC_GTEST_PROP(PayloadReader, RoundTrips, (uint64_t seed, std::string text)) {
  const uint64_t value = seed >> *rc::gen::inRange(0, 64);
  std::string bytes = lenenc(value);
  append_lenenc_string(bytes, text);
  const std::string name = text.substr(0, text.find('\0'));
  append_nul_string(bytes, name);
  PayloadReader reader("test", bytes);
  RC_ASSERT(reader.lenenc_integer("value") == value);
  RC_ASSERT(reader.lenenc_string("text") == text);
  RC_ASSERT(reader.nul_string("name") == name);
  RC_ASSERT(reader.finish().ok());
  // Cut off anywhere, some field is missing, and is named with a place inside the packet.
  const auto size = *rc::gen::inRange<size_t>(0, bytes.size());
  const std::string cut = bytes.substr(0, size);
  PayloadReader short_reader("test", cut);
  (void)short_reader.lenenc_integer("value");
  (void)short_reader.lenenc_string("text");
  (void)short_reader.nul_string("name");
  RC_ASSERT(!short_reader.ok());
  RC_ASSERT(short_reader.offset() <= size);
  RC_ASSERT(short_reader.rest().empty());
}

TEST(PayloadReader, ProblemsNamePacketOffsetAndField) {
  PayloadReader reader("COM_X", std::string_view("\x07\x05"
                                                 "abc",
                                                 5));
  EXPECT_EQ(reader.u8("command"), 7);
  EXPECT_EQ(reader.lenenc_string("name"), "");
  EXPECT_EQ(reader.u32("more"), 0u);
  EXPECT_EQ(reader.status().message(), "COM_X: offset 2: name needs 5 bytes, 3 are left");

  for (const char first : {'\xfb', '\xff'}) {
    PayloadReader null("COM_X", std::string_view(&first, 1));
    (void)null.lenenc_integer("size");
    EXPECT_EQ(null.status().message(), "COM_X: offset 0: size is no length-encoded integer");
  }
  PayloadReader endless("COM_X", "abc");
  (void)endless.nul_string("name");
  EXPECT_EQ(endless.status().message(), "COM_X: offset 0: name has no terminator");
  PayloadReader huge("COM_X", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff");
  (void)huge.lenenc_string("name");
  EXPECT_FALSE(huge.ok());
  PayloadReader longer("COM_X", "ab");
  (void)longer.u8("command");
  EXPECT_EQ(longer.finish().message(), "COM_X: offset 1: packet goes on for 1 bytes");
}

}  // namespace
}  // namespace aftersync::wire
