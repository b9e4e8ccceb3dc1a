// Framing against bytes written out by hand and against a decoder of five lines.
#include "core/wire/packet_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "core/base/coding.h"
#include "proptests/support/on_node.h"
#include "proptests/wire/memory_channel.h"

namespace aftersync::wire {
namespace {

using Body = std::function<void(PacketStream&, Transcript&)>;

void with_stream(Transcript transcript, const PacketLimits& limits, const Body& body) {
  on_node([&](Node& node) {
    PacketStream packets(node.clock(), std::make_unique<MemoryChannel>(transcript), limits);
    body(packets, transcript);
  });
}

std::string receive(PacketStream& packets) {
  bool ended = false;
  const auto payload = packets.receive(kNever, &ended);
  if (!payload.ok()) return payload.status().to_string();
  return ended ? "the end" : std::string(*payload);
}

Code code_of_receive(PacketStream& packets) {
  bool ended = false;
  return packets.receive(kNever, &ended).code();
}

// Header and payload as the manual has them, one packet after another.
std::string framed(std::string_view payload, uint8_t sequence) {
  std::string to;
  while (true) {
    const std::string_view piece = payload.substr(0, 0xffffff);
    append_le(to, static_cast<uint16_t>(piece.size()));
    to.push_back(static_cast<char>(piece.size() >> 16));
    to.push_back(static_cast<char>(sequence++));
    to.append(piece);
    payload.remove_prefix(piece.size());
    if (piece.size() < 0xffffff) return to;
  }
}

TEST(PacketStream, BytesOfAPacket) {
  Transcript transcript{.to_receive = std::string("\x01\0\0\0\x0e", 5)};
  with_stream(transcript, {}, [](PacketStream& packets, Transcript& seen) {
    EXPECT_EQ(receive(packets), "\x0e");
    EXPECT_TRUE(packets.send("hey").ok());
    EXPECT_TRUE(packets.send("").ok());
    EXPECT_EQ(seen.sent, "") << "packets gather";
    EXPECT_EQ(receive(packets), "the end");
    EXPECT_EQ(seen.sent, std::string("\x03\0\0\x01hey\0\0\0\x02", 11));
  });
}

TEST(PacketStream, LargePayloadsAreCutWhereTheManualSays) {
  for (const size_t size : {0xfffffeu, 0xffffffu, 0x1000000u, 2 * 0xffffffu, 2 * 0xffffffu + 9}) {
    std::string payload(size, '.');
    for (size_t i = 0; i < size; i += 1001) payload[i] = static_cast<char>(i);
    const std::string bytes = framed(payload, 0);
    with_stream({.to_receive = bytes}, {}, [&](PacketStream& packets, Transcript& seen) {
      EXPECT_TRUE(receive(packets) == payload) << size;
      packets.restart_sequence();
      EXPECT_TRUE(packets.send(payload).ok());
      EXPECT_TRUE(packets.flush().ok());
      EXPECT_TRUE(seen.sent == bytes) << size;
      packets.shrink();
      EXPECT_LE(packets.buffer_bytes(), size_t{8} << 10);
    });
  }
}

RC_GTEST_PROP(PacketStream, WhatIsFramedIsReadBack, ()) {
  const auto sizes = *rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange(0u, 60'000u));
  Transcript transcript;
  std::vector<std::string> payloads;
  uint8_t sequence = 0;
  for (const uint32_t size : sizes) {
    payloads.emplace_back(size, static_cast<char>('a' + payloads.size() % 26));
    transcript.to_receive += framed(payloads.back(), sequence++);
  }
  const uint32_t piece = *rc::gen::inRange(1u, 40'000u);
  transcript.piece = [piece] { return piece; };
  with_stream(transcript, {}, [&](PacketStream& packets, Transcript& seen) {
    for (const std::string& payload : payloads) RC_ASSERT(receive(packets) == payload);
    RC_ASSERT(receive(packets) == "the end");
    packets.restart_sequence();
    for (const std::string& payload : payloads) RC_ASSERT(packets.send(payload).ok());
    RC_ASSERT(packets.flush().ok());
    RC_ASSERT(seen.sent == seen.to_receive);
  });
}

TEST(PacketStream, TooLargeIsReadToItsEndAndRefused) {
  PacketLimits limits;
  limits.max_allowed_packet = 100;
  const std::string bytes = framed(std::string(101, 'x'), 0) + framed("next", 1);
  with_stream({.to_receive = bytes}, limits, [](PacketStream& packets, Transcript&) {
    EXPECT_EQ(code_of_receive(packets), Code::too_large);
    EXPECT_EQ(packets.sequence(), 1);
    EXPECT_EQ(receive(packets), "next");
  });
  limits.max_allowed_packet = 0xffffff + 10;
  const std::string two = framed(std::string(0xffffff + 11, 'x'), 0);
  with_stream({.to_receive = two}, limits, [](PacketStream& packets, Transcript&) {
    EXPECT_EQ(code_of_receive(packets), Code::too_large);
    EXPECT_EQ(receive(packets), "the end");
  });
}

TEST(PacketStream, OutOfOrderAndCutOff) {
  with_stream({.to_receive = framed("x", 3)}, {}, [](PacketStream& packets, Transcript&) {
    EXPECT_EQ(code_of_receive(packets), Code::bad_state);
  });
  with_stream({.to_receive = framed("x", 3)}, {}, [](PacketStream& packets, Transcript&) {
    packets.accept_any_sequence();
    EXPECT_EQ(receive(packets), "x");
    EXPECT_EQ(packets.sequence(), 4);
  });
  const std::string whole = framed(std::string(20'000, 'x'), 0);
  for (const size_t size : {1u, 3u, 4u, 5u, 19'999u, 20'003u}) {
    with_stream({.to_receive = whole.substr(0, size)}, {}, [&](PacketStream& packets, Transcript&) {
      EXPECT_EQ(code_of_receive(packets), Code::connection_lost) << size;
    });
  }
}

TEST(PacketStream, AHeaderAloneCostsNoMemory) {
  with_stream({.to_receive = std::string("\xff\xff\xff\0abc", 7)}, {},
              [](PacketStream& packets, Transcript&) {
                EXPECT_EQ(code_of_receive(packets), Code::connection_lost);
                EXPECT_LE(packets.buffer_bytes(), size_t{4} << 20);
              });
}

}  // namespace
}  // namespace aftersync::wire
