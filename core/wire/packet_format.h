// Packets: how the client/server protocol cuts a byte stream into messages.
//
//   offset  bytes  what
//   0       3      payload length, little-endian: 0 .. 0xffffff
//   3       1      sequence number: 0 with each command, then one more for each packet either way
//   4       n      payload
//
// A payload of 0xffffff bytes or more goes in several packets: each full one (0xffffff bytes) says
// that another follows, so a payload that is a multiple of 0xffffff ends with an empty packet. The
// sequence number wraps from 255 to 0.
//
// Length-encoded integers and strings: core/base/lenenc.h.
//
// Sources: MySQL Source Code Documentation, "MySQL Packets", "Protocol Data Types: Integer Types,
// String Types".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aftersync::wire {

inline constexpr size_t kPacketHeaderBytes = 4;
inline constexpr size_t kMaxFramePayloadBytes = 0xffffff;

inline constexpr unsigned char kOkHeader = 0x00;
inline constexpr unsigned char kMoreDataHeader = 0x01;  // AuthMoreData
inline constexpr unsigned char kEofHeader = 0xfe;       // also AuthSwitchRequest
inline constexpr unsigned char kErrorHeader = 0xff;

void append_nul_string(std::string& to, std::string_view bytes);

}  // namespace aftersync::wire
