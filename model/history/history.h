// A history in memory: transactions with their outcome, and other operations as pairs of text.
//
// The difficulty is size. A list-append history of a million transactions holds some hundred
// million list elements, nearly all of them repetitions: every read of a key returns a prefix of
// one and the same growing list. So a read is not stored as a list. Each key keeps *branches*,
// lists that no other branch begins with, and a read is (branch, length). In a healthy history each
// key has one branch, the longest read, and memory grows with the number of elements appended, not
// with the number read. A read that contradicts the others opens a branch of its own.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/history/id_map.h"

namespace aftersync::model {

// Absent transaction, position without end, and so on.
inline constexpr uint32_t kNone = UINT32_MAX;
// What a register holds before its first write.
inline constexpr int64_t kNil = INT64_MIN;

// How an operation ended. info: it may or may not have happened.
enum class Completion : uint8_t { ok, fail, info };

[[nodiscard]] std::string_view to_string(Completion completion);

enum class MicroOpKind : uint8_t {
  append,
  write,
  read_list,     // value: a packed ListRef
  read_value,    // value: what was read
  read_nil,      // null was read: the empty list, or a register never written
  read_unknown,  // the transaction did not return
};

struct MicroOp {
  int64_t value = 0;  // element, or what was read; integers are themselves, texts are negative ids
  uint32_t key = 0;   // position in History::keys
  MicroOpKind kind = MicroOpKind::read_unknown;

  [[nodiscard]] bool is_write() const { return kind <= MicroOpKind::write; }
  // A read whose result is known.
  [[nodiscard]] bool is_read() const { return !is_write() && kind != MicroOpKind::read_unknown; }
};

// The first `length` elements of a branch of a key.
struct ListRef {
  uint32_t branch = 0;
  uint32_t length = 0;

  [[nodiscard]] int64_t packed() const {
    return static_cast<int64_t>(uint64_t{branch} << 32 | length);
  }
  [[nodiscard]] static ListRef of(const MicroOp& read) {
    if (read.kind == MicroOpKind::read_nil) return {};
    const auto bits = static_cast<uint64_t>(read.value);
    return {static_cast<uint32_t>(bits >> 32), static_cast<uint32_t>(bits)};
  }
};

struct Transaction {
  uint32_t invoke = 0;        // index of the invocation
  uint32_t complete = kNone;  // index of the ok or fail; kNone when it never returned or is info
  uint32_t process = 0;       // position in History::processes
  uint32_t first_micro_op = 0;
  uint32_t micro_op_count = 0;
  Completion outcome = Completion::info;
};

// An operation other than a transaction.
struct Call {
  std::string f;
  std::string argument;  // JSON of the invocation's value; empty when it had none
  std::string result;    // JSON of the completion's value; empty when it had none
  uint32_t invoke = 0;
  uint32_t complete = kNone;
  uint32_t invoke_line = 0;
  uint32_t complete_line = 0;
  int64_t process = 0;
  Completion outcome = Completion::info;
};

struct Key {
  int64_t symbol = 0;
  std::vector<std::vector<int64_t>> branches;
};

// Values of integers or texts, as one number: an integer is itself, a text a number that no integer
// of a history can be.
class Symbols {
 public:
  [[nodiscard]] int64_t of_text(std::string_view text);
  // As it stands in the history: 7, "seven", null.
  [[nodiscard]] std::string text(int64_t symbol) const;

 private:
  std::map<std::string, int64_t, std::less<>> numbers_;
  std::vector<std::string> texts_;
};

enum class TransactionKind : uint8_t { none, list_append, rw_register };

struct History {
  std::vector<Transaction> transactions;  // in the order of their invocations
  std::vector<MicroOp> micro_ops;
  std::vector<Key> keys;
  std::vector<int64_t> processes;
  std::vector<Call> calls;  // in the order of their invocations
  Symbols symbols;
  IdMap writers;  // (key, element) -> transaction that appends or writes it
  TransactionKind kind = TransactionKind::none;
  uint64_t lines = 0;

  [[nodiscard]] std::span<const MicroOp> micro_ops_of(const Transaction& transaction) const {
    return std::span(micro_ops).subspan(transaction.first_micro_op, transaction.micro_op_count);
  }
  [[nodiscard]] std::span<const MicroOp> micro_ops_of(uint32_t transaction) const {
    return micro_ops_of(transactions[transaction]);
  }
  // What a read_list or read_nil returned.
  [[nodiscard]] std::span<const int64_t> list(const MicroOp& read) const {
    const ListRef ref = ListRef::of(read);
    if (ref.length == 0) return {};
    return std::span(keys[read.key].branches[ref.branch]).first(ref.length);
  }
  [[nodiscard]] uint32_t writer(uint32_t key, int64_t element) const {
    return writers.find(key, element);
  }

  // For messages: the name of a key, "append x 3", "r x [1 2 3]" (long lists lose their middle).
  [[nodiscard]] std::string key_text(uint32_t key) const { return symbols.text(keys[key].symbol); }
  [[nodiscard]] std::string list_text(std::span<const int64_t> elements) const;
  [[nodiscard]] std::string micro_op_text(const MicroOp& op) const;
  // "index 4-7, process 2, ok: append x 3; r y [1 2]"
  [[nodiscard]] std::string transaction_text(uint32_t transaction) const;
};

}  // namespace aftersync::model
