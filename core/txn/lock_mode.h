// Lock modes: what a lock says, which two may stand side by side, and which says as much as
// another.
//
// Sources: MySQL manual 17.7.1 "InnoDB Locking"; the same rules as InnoDB's source states them for
// record locks (what waits for what) and tables (compatibility and strength matrices).
//
// Tables. IS and IX announce record locks; S and X are for the table itself; AUTO_INC keeps the
// values of one statement together.
//
//   may stand together   IS  IX  S   X   AI       says as much as   IS  IX  S   X   AI
//     IS                 +   +   +   -   +          IS              +   -   -   -   -
//     IX                 +   +   -   -   +          IX              +   +   -   -   -
//     S                  +   -   +   -   -          S               +   -   +   -   -
//     X                  -   -   -   -   -          X               +   +   +   +   +
//     AUTO_INC           +   +   -   -   -          AUTO_INC        -   -   -   -   +
//
// Records. A lock on a record reaches over the record, the gap before it, or both. S goes with S;
// where one of the two is X, it depends on their reach:
//
//   wanted \ there      next-key   record   gap   insert intention
//     next-key          waits      waits    -     -
//     record            waits      waits    -     -
//     gap               -          -        -     -
//     insert intention  waits      -        waits -
//
// Gap locks never wait and nobody but an insert waits for them: all they do is to keep inserts out.
// Two inserts into one gap do not wait for each other. The supremum is what lies behind the last
// record: it is all gap, so a next-key lock on it is nothing but a gap lock.
#pragma once

#include <cstdint>
#include <string>

namespace aftersync::txn {

enum class LockMode : uint8_t { is, ix, s, x, auto_inc };

// `table`: the lock is one on a table.
enum class LockReach : uint8_t { table, next_key, record, gap, insert_intention };

struct LockType {
  LockMode mode;
  LockReach reach = LockReach::table;
  friend bool operator==(const LockType&, const LockType&) = default;
  friend auto operator<=>(const LockType&, const LockType&) = default;
};

[[nodiscard]] constexpr LockType next_key(LockMode mode) { return {mode, LockReach::next_key}; }
[[nodiscard]] constexpr LockType record_only(LockMode mode) { return {mode, LockReach::record}; }
[[nodiscard]] constexpr LockType gap_only(LockMode mode) { return {mode, LockReach::gap}; }
inline constexpr LockType kInsertIntention{LockMode::x, LockReach::insert_intention};

// Whether modes go together, reach apart.
[[nodiscard]] bool is_compatible(LockMode wanted, LockMode there);
// Whether `held` says at least as much as `wanted`, reach apart.
[[nodiscard]] bool is_as_strong(LockMode held, LockMode wanted);

// Whether a request for `wanted` waits for the lock `there` of another transaction, on the same
// table, record, or supremum.
[[nodiscard]] bool must_wait(LockType wanted, LockType there, bool on_supremum);
// Whether a transaction that has been granted `held` need not ask for `wanted`. Never for insert
// intentions, neither as `held` nor as `wanted`.
[[nodiscard]] bool covers(LockType held, LockType wanted, bool on_supremum);

// As performance_schema.data_locks shows it in LOCK_MODE: "X", "S,GAP", "X,REC_NOT_GAP",
// "X,GAP,INSERT_INTENTION", "IX", "AUTO_INC".
[[nodiscard]] std::string to_string(LockType type);

}  // namespace aftersync::txn
