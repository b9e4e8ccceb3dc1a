// Makes histories: a toy database run by clients that interleave as a seed decides.
//
// It exists to feed the checkers: histories of any size, whose isolation is known because it is
// that of the toy. Its versions are one list a key, with the number of the commit that brought each
// element, so that any snapshot of the past is a prefix. Registers are the same store, of which a
// read shows the last element.
//
//   strict-serializable  a transaction runs whole at one moment between its invocation and its end
//   serializable         the same; those that only read may read an older moment of their choice
//   snapshot-isolation   reads from the moment of the first operation, first committer wins
//   read-committed       each operation reads what is committed, writes appear at the commit
//   read-uncommitted     writes appear at once; a rollback takes them back
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aftersync::model {

enum class ToyIsolation : uint8_t {
  strict_serializable,
  serializable,
  snapshot_isolation,
  read_committed,
  read_uncommitted,
};

[[nodiscard]] std::optional<ToyIsolation> toy_isolation_of(std::string_view name);

struct GenerateOptions {
  uint64_t transactions = 1000;
  uint64_t seed = 1;
  uint32_t clients = 10;
  uint32_t keys = 10;            // in use at a time
  uint32_t writes_per_key = 64;  // then the key is replaced by a fresh one
  uint32_t max_operations = 4;   // of a transaction, from 1
  double read_share = 0.5;       // of the operations
  double fail_rate = 0.02;       // of transactions, rolled back
  double info_rate = 0.005;      // of transactions; half of them have happened
  ToyIsolation isolation = ToyIsolation::strict_serializable;
  bool registers = false;
};

// Calls `write` with pieces of the history. Same options, same bytes.
void generate_history(const GenerateOptions& options,
                      const std::function<void(std::string_view)>& write);

}  // namespace aftersync::model
