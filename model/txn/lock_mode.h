// Modes and kinds of locks, and which make each other wait.
//
// A table is locked in an intention mode by whoever will lock rows of it. A record lock names a
// record of one index, or the supremum that follows the last one, and covers the record, the gap
// before it, or both:
//
//   record            the record alone                  (REC_NOT_GAP)
//   gap               only the gap before the record    (GAP)
//   next_key          both
//   insert_intention  the wish to insert into the gap   (INSERT_INTENTION)
//
// Source: MySQL 8.0 manual 17.7.1 "InnoDB Locking".
#pragma once

#include <cstdint>
#include <string_view>

namespace aftersync::model::txn {

enum class Mode : uint8_t { intention_shared, intention_exclusive, shared, exclusive };
enum class Kind : uint8_t { table, record, gap, next_key, insert_intention };

// The matrix of 17.7.1 "Intention Locks".
[[nodiscard]] bool compatible(Mode a, Mode b);

// Whether a holder of `held` needs nothing more to have `wanted`: exclusive covers shared.
[[nodiscard]] bool covers(Mode held, Mode wanted);

struct LockShape {
  Mode mode;
  Kind kind;
  friend bool operator==(const LockShape&, const LockShape&) = default;
};

// Whether a request for a record lock must wait for another transaction's lock on the same record,
// granted or itself waiting in front. Locks on the supremum are gap locks, whatever their kind.
//   - Gap locks wait for nothing: "they can co-exist" (17.7.1 "Gap Locks").
//   - A lock on a record does not wait for a gap lock, nor a gap for a record lock.
//   - An insert intention waits for gap and next-key locks (17.7.1 "Insert Intention Locks"), and
//     nothing waits for it.
[[nodiscard]] bool must_wait(LockShape request, LockShape other, bool supremum);

// Whether a granted lock makes the request superfluous.
[[nodiscard]] bool suffices(LockShape held, LockShape request, bool supremum);

// "IS", "IX", "S", "X".
[[nodiscard]] std::string_view to_string(Mode mode);
// "table", "record", "gap", "next-key", "insert-intention".
[[nodiscard]] std::string_view to_string(Kind kind);

}  // namespace aftersync::model::txn
