// Reads a history as it streams in: form, pairing of invocations with their ends, and the compact
// lists of history.h. Every line is parsed once, from wherever its bytes happen to lie.
//
// What it promises about bad input: the first line that breaks the format of history_format.h ends
// the reading with Code::invalid_argument, "line 12, column 34: reason". It never crashes, and the
// memory it takes is bounded by the length of the input.
//
// The essay on why reads are compared while they are parsed: nearly all bytes of a list-append
// history are elements of reads that repeat what earlier reads returned. So a read's elements go
// straight from the text into a comparison with the key's first branch; only what differs, or
// is new at the end, is written anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "model/history/history.h"
#include "model/history/id_map.h"
#include "model/history/json_cursor.h"

namespace aftersync::model {

enum class EventType : uint8_t { invoke, ok, fail, info };

// One line, as handed to an observer: views into the line, valid during the call.
struct Event {
  int64_t index = -1;
  int64_t process = 0;
  int64_t time = -1;
  EventType type = EventType::invoke;
  bool is_client = true;
  std::string_view process_json;  // as written: 3 or "nemesis"
  std::string_view f;
  std::string_view value_json;  // as written; empty when absent
};

using EventObserver = std::function<void(const Event&)>;

class HistoryReader {
 public:
  // Fills `history`, which must be empty and outlive the reader. `observer`, when given, sees every
  // line after its form has been checked.
  explicit HistoryReader(History& history, EventObserver observer = {});

  // The next bytes, cut anywhere. After a failure, feed nothing more.
  Status feed(std::string_view bytes);
  // The input ends here. Call it once, after the last feed that succeeded.
  Status finish();

 private:
  // What a process is doing.
  struct ProcessState {
    enum class At : uint8_t { idle, in_transaction, in_call, gone };
    At at = At::idle;
    uint32_t operation = 0;          // position in transactions or calls
    std::vector<MicroOp> micro_ops;  // of the transaction it is in
  };

  Status read_line(std::string_view line);
  Status error(const char* place, const std::string& reason) const;
  bool parse_event(JsonCursor& cursor, Event& event);
  bool parse_member(JsonCursor& cursor, std::string_view name, Event& event);
  bool parse_type(JsonCursor& cursor, Event& event);
  bool parse_process(JsonCursor& cursor, Event& event);
  bool parse_value(JsonCursor& cursor, Event& event);
  bool check_members(JsonCursor& cursor, const Event& event) const;

  bool parse_transaction(JsonCursor& cursor, EventType type);
  bool parse_micro_op(JsonCursor& cursor, EventType type);
  bool parse_read(JsonCursor& cursor, EventType type, MicroOp& op);
  bool parse_list(JsonCursor& cursor, MicroOp& op);
  bool parse_rest_of_list(JsonCursor& cursor, MicroOp& op, size_t matched);
  bool parse_symbol(JsonCursor& cursor, int64_t& out);
  bool set_kind(JsonCursor& cursor, TransactionKind kind);
  ListRef find_branch(uint32_t key);

  std::string apply(const Event& event);
  std::string invoke(const Event& event, ProcessState& state, uint32_t process);
  std::string begin_transaction(const Event& event, ProcessState& state, uint32_t process);
  std::string complete(const Event& event, ProcessState& state);
  std::string complete_transaction(const Event& event, ProcessState& state);
  void complete_call(const Event& event, ProcessState& state);
  std::string check_same(const std::vector<MicroOp>& asked) const;
  void store_micro_ops(Transaction& transaction, const std::vector<MicroOp>& ops);

  History& history_;
  EventObserver observer_;
  std::string partial_;  // the start of a line whose end has not come yet
  std::string_view line_;
  int64_t last_index_ = -1;
  bool f_known_ = false;
  bool type_known_ = false;
  bool value_parsed_ = false;
  std::string f_;                   // of the current line
  std::vector<MicroOp> micro_ops_;  // of the current line
  bool has_micro_ops_ = false;
  std::vector<int64_t> list_;  // scratch of parse_list
  IdMap key_ids_;
  IdMap process_ids_;
  std::vector<ProcessState> states_;  // by process position
  uint64_t kind_line_ = 0;            // the line that settled history_.kind
};

}  // namespace aftersync::model
