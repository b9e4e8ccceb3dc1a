// Encoders of the packets that end an answer; layouts in answer_packets.h.
#include "core/wire/answer_packets.h"

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/lenenc.h"
#include "core/wire/capability.h"
#include "core/wire/packet_format.h"

namespace aftersync::wire {

namespace {

constexpr size_t kMaxErrorTextBytes = 512;  // MYSQL_ERRMSG_SIZE

enum class ChangeType : uint8_t { variable = 0, schema = 1, state = 2, gtids = 3 };

void append_change(std::string& to, ChangeType type, std::string_view data) {
  to.push_back(static_cast<char>(type));
  append_lenenc_string(to, data);
}

std::string encoded(const SessionChanges& changes) {
  std::string all;
  std::string one;
  for (const auto& [name, value] : changes.variables) {
    one.clear();
    append_lenenc_string(one, name);
    append_lenenc_string(one, value);
    append_change(all, ChangeType::variable, one);
  }
  if (!changes.schema.empty()) {
    one.clear();
    append_lenenc_string(one, changes.schema);
    append_change(all, ChangeType::schema, one);
  }
  if (changes.state_changed) {
    one.clear();
    append_lenenc_string(one, "1");
    append_change(all, ChangeType::state, one);
  }
  if (!changes.gtids.empty()) {
    one.assign(1, '\0');
    append_lenenc_string(one, changes.gtids);
    append_change(all, ChangeType::gtids, one);
  }
  return all;
}

}  // namespace

void append_ok(std::string& to, const Outcome& outcome, uint32_t capabilities, uint8_t header) {
  const bool tracked = (capabilities & capability::kSessionTrack) != 0 && outcome.changes.any();
  uint16_t status = outcome.status & static_cast<uint16_t>(~server_status::kSessionStateChanged);
  if (tracked) status |= server_status::kSessionStateChanged;
  to.push_back(static_cast<char>(header));
  append_lenenc_integer(to, outcome.affected_rows);
  append_lenenc_integer(to, outcome.last_insert_id);
  append_le(to, status);
  append_le(to, outcome.warnings);
  if (tracked || !outcome.info.empty()) append_lenenc_string(to, outcome.info);
  if (tracked) append_lenenc_string(to, encoded(outcome.changes));
}

void append_eof(std::string& to, const Outcome& outcome) {
  to.push_back(static_cast<char>(kEofHeader));
  append_le(to, outcome.warnings);
  append_le(to, outcome.status);
}

void append_error(std::string& to, const ServerError& error, uint32_t capabilities) {
  to.push_back(static_cast<char>(kErrorHeader));
  append_le(to, error.number);
  if ((capabilities & capability::kProtocol41) != 0) {
    CHECK_EQ(error.sqlstate.size(), size_t{5});
    to.push_back('#');
    to.append(error.sqlstate);
  }
  to.append(error.message, 0, kMaxErrorTextBytes);
}

}  // namespace aftersync::wire
