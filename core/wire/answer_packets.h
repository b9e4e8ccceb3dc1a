// OK, EOF and ERR: the packets that end an answer.
//
//   OK     header 0x00 (0xfe where it ends rows), lenenc affected rows, lenenc last insert id,
//          u16 status, u16 warnings, and then, where there is any of it:
//          lenenc string info [, lenenc string of session changes if kSessionStateChanged]
//   EOF    0xfe, u16 warnings, u16 status       from clients without kDeprecateEof
//   ERR    0xff, u16 number, '#', five characters of SQLSTATE, text to the end;
//          before the client has said that it knows kProtocol41: no '#' and no SQLSTATE
//
// Session changes, one after another: u8 type, lenenc string of
//   0 system variable   lenenc name, lenenc value
//   1 schema            lenenc name
//   2 state change      lenenc "1"
//   3 GTIDs             u8 0, lenenc text
//
// Sources: MySQL Source Code Documentation, "OK_Packet", "EOF_Packet", "ERR_Packet"; the info field
// is length-encoded as servers send it and libmysqlclient reads it, where that page says
// string<EOF> for clients without session tracking.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/wire/server_error.h"

namespace aftersync::wire {

struct SessionChanges {
  std::vector<std::pair<std::string, std::string>> variables{};
  std::string schema{};  // empty: unchanged
  bool state_changed = false;
  std::string gtids{};  // empty: none

  [[nodiscard]] bool any() const {
    return !variables.empty() || !schema.empty() || state_changed || !gtids.empty();
  }
};

// All that the end of a statement may say.
struct Outcome {
  uint64_t affected_rows = 0;
  uint64_t last_insert_id = 0;
  uint16_t status = 0;  // server_status; kSessionStateChanged is set from `changes`
  uint16_t warnings = 0;
  std::string info{};
  SessionChanges changes{};
};

// `capabilities` are those agreed on; `header` kOkHeader or kEofHeader.
void append_ok(std::string& to, const Outcome& outcome, uint32_t capabilities, uint8_t header);
void append_eof(std::string& to, const Outcome& outcome);
void append_error(std::string& to, const ServerError& error, uint32_t capabilities);

}  // namespace aftersync::wire
