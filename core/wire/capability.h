// Capability and status flags: what client and server agree on, and what every answer says about
// the session. Sources: MySQL Source Code Documentation, "Capabilities Flags",
// "SERVER_STATUS_flags".
#pragma once

#include <cstdint>

namespace aftersync::wire {

namespace capability {

inline constexpr uint32_t kLongPassword = 1u << 0;
inline constexpr uint32_t kFoundRows = 1u << 1;  // affected rows: those found, not those changed
inline constexpr uint32_t kLongFlag = 1u << 2;
inline constexpr uint32_t kConnectWithDb = 1u << 3;
inline constexpr uint32_t kNoSchema = 1u << 4;
inline constexpr uint32_t kIgnoreSpace = 1u << 8;
inline constexpr uint32_t kProtocol41 = 1u << 9;
inline constexpr uint32_t kInteractive = 1u << 10;  // interactive_timeout instead of wait_timeout
inline constexpr uint32_t kSsl = 1u << 11;
inline constexpr uint32_t kTransactions = 1u << 13;
inline constexpr uint32_t kSecureConnection = 1u << 15;
inline constexpr uint32_t kMultiStatements = 1u << 16;
inline constexpr uint32_t kMultiResults = 1u << 17;
inline constexpr uint32_t kPsMultiResults = 1u << 18;
inline constexpr uint32_t kPluginAuth = 1u << 19;
inline constexpr uint32_t kConnectAttributes = 1u << 20;
inline constexpr uint32_t kPluginAuthLenenc = 1u << 21;
inline constexpr uint32_t kExpiredPasswords = 1u << 22;
inline constexpr uint32_t kSessionTrack = 1u << 23;
inline constexpr uint32_t kDeprecateEof = 1u << 24;

// What this server offers; kSsl beside it where there is a certificate. kLongPassword stands for
// "MySQL, not MariaDB": without it libmariadb takes four reserved bytes of the greeting for more
// capabilities. Not offered, because not there: compression, LOCAL INFILE, query attributes,
// optional metadata, multi-factor authentication, expired-password sandboxes.
inline constexpr uint32_t kServer =
    kLongPassword | kFoundRows | kLongFlag | kConnectWithDb | kNoSchema | kIgnoreSpace |
    kProtocol41 | kInteractive | kTransactions | kSecureConnection | kMultiStatements |
    kMultiResults | kPsMultiResults | kPluginAuth | kConnectAttributes | kPluginAuthLenenc |
    kSessionTrack | kDeprecateEof;

}  // namespace capability

namespace server_status {

inline constexpr uint16_t kInTransaction = 0x0001;
inline constexpr uint16_t kAutocommit = 0x0002;
inline constexpr uint16_t kMoreResults = 0x0008;
inline constexpr uint16_t kNoGoodIndexUsed = 0x0010;
inline constexpr uint16_t kNoIndexUsed = 0x0020;
inline constexpr uint16_t kCursorExists = 0x0040;
inline constexpr uint16_t kLastRowSent = 0x0080;
inline constexpr uint16_t kNoBackslashEscapes = 0x0200;
inline constexpr uint16_t kMetadataChanged = 0x0400;
inline constexpr uint16_t kQueryWasSlow = 0x0800;
inline constexpr uint16_t kInReadOnlyTransaction = 0x2000;
inline constexpr uint16_t kSessionStateChanged = 0x4000;

}  // namespace server_status

}  // namespace aftersync::wire
