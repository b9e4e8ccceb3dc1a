// The format of a history: the whole contract between those who record operations and the checkers.
//
// A history is text, one JSON object a line, in the order in which the recorder saw the events:
//
//   {"index":0,"process":3,"time":1200,"type":"invoke","f":"txn","value":[["append",7,1]]}
//   {"index":1,"process":3,"time":9800,"type":"ok","f":"txn","value":[["append",7,1]]}
//
//   index    integer, strictly increasing; gaps are fine. Its order is the real-time order.
//   process  integer: a client, which does one thing at a time. Text ("nemesis"): not a client;
//   such
//            lines are checked for form and otherwise passed over.
//   time     nanoseconds since the start of the run, for people and charts. No checker reads it.
//   type     invoke: asked. ok: happened. fail: did not happen. info: nobody knows.
//   f        what was asked; see below.
//   value    its arguments, and on ok its results. An info or fail may leave it out.
//
// Other members (error, node, ...) are allowed and ignored. A process whose operation ended as info
// may still be doing it, so it never invokes again: its thread goes on under a new process number.
// An invocation without an end counts as info. Keys and elements are integers or text.
//
//   f                 value of invoke                    value of ok
//   txn               [["append",K,V],["r",K,null]]      the same, reads filled: ["r",K,[V...]]
//                     or [["w",K,V],["r",K,null]]        the same, reads filled: ["r",K,V or null]
//   ledger/insert     ID, a number never used twice      (not read)
//   ledger/read       (not read)                         {"node":"n1","ids":[ID...]}
//   ledger/final-read (not read)                         {"node":"n1","ids":[ID...],
//                                                         "primary":true, "gtids":"UUID:1-5,..."}
//   set/add           V                                  (not read)
//   set/read          (not read)                         [V...]
//   bank/accounts     (not read)                         {"A":balance...}, the state at the start
//   bank/transfer     {"from":A,"to":B,"amount":N}       (not read)
//   bank/read         (not read)                         {"A":balance...}
//   counter/add       N, may be negative                 (not read)
//   counter/read      (not read)                         N
//   monotonic/inc     [K,null]                           [K,N], the value it made
//   monotonic/read    [K,null]                           [K,N]
//   register/write    [K,V]                              (not read)
//   register/read     [K,null]                           [K,V], or [K,null] when never written
//   register/cas      [K,[OLD,NEW]]                      (not read); fail when it was not OLD
//
// In one history each element is appended to (or written to) a key at most once, so that seeing it
// names its transaction. A transaction holds appends or writes, never both; so does a history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aftersync::model {

// Names of the members of a line that carry meaning.
inline constexpr std::string_view kMemberIndex = "index";
inline constexpr std::string_view kMemberProcess = "process";
inline constexpr std::string_view kMemberTime = "time";
inline constexpr std::string_view kMemberType = "type";
inline constexpr std::string_view kMemberF = "f";
inline constexpr std::string_view kMemberValue = "value";

inline constexpr std::string_view kTransaction = "txn";

// Exceeding one of these makes a history malformed; it never makes the reader run out of memory.
inline constexpr size_t kMaxLineBytes = 64u << 20;
inline constexpr int kMaxNesting = 16;
inline constexpr size_t kMaxMicroOps = 100'000;           // in one transaction
inline constexpr int64_t kMaxIndex = 0xffff'fff0;         // positions are kept in 32 bits
inline constexpr int64_t kMaxInteger = int64_t{1} << 62;  // of keys, elements and values
inline constexpr size_t kMaxTransactions = 0x7fff'fff0;   // half of them, for graph nodes

}  // namespace aftersync::model
