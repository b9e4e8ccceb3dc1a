// TableClient: one task's worth of random transactions on a table of its own, and the judgement of
// what a restart makes of them.
//
// The model runs beside the engine, statement by statement, and every answer must agree. It lives
// on the host and so outlives the server: after a crash the table must be what it was after the
// last acknowledged transaction or definition change, or after the one that was being committed
// when the server died. Nothing else is legal: nothing lost, nothing half-done, nothing invented.
//
// A client's table is its own, because storage leaves isolation to the layer above.
//
// Memory: its methods run in the server, whose heap may vanish at any point; everything about the
// model is allocated under a HostScope and kept in members, so that a kill neither takes it away
// nor leaks it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/prng.h"
#include "core/storage/engine.h"
#include "faults/pair/table_pair.h"
#include "model/table/table_model.h"

namespace aftersync::faults {

class TableClient {
 public:
  using Violate = std::function<void(std::string)>;

  // `violate` is told what is wrong; the run is over then.
  TableClient(uint64_t seed, std::string name, Violate violate);

  // --- called by tasks of the server ---

  // After a restart: the table against the legal states. Failures of the device are returned.
  Status verify_after_restart(storage::Engine& engine);
  // One random transaction, definition change or step of purge. A failure of the device is returned
  // after the transaction has been rolled back; the server stops itself when even that is
  // impossible.
  Status step(Node& node, storage::Engine& engine);
  // A definition change, as step() makes one now and then; creates the table when there is none.
  Status change_definition(Node& node, storage::Engine& engine);
  // The structure of every tree, and that all indexes say the same as the model. `is_purged`: no
  // delete mark may be left.
  Status check_structure(storage::Engine& engine, bool is_purged);

  [[nodiscard]] uint64_t operations() const { return operations_; }
  [[nodiscard]] uint64_t commits() const { return commits_; }

 private:
  // The table as it is or may be; empty: there is none.
  using State = std::optional<model::TableModel>;
  Status transaction(Node& node, storage::Engine& engine, storage::Table& table);
  Status statement(storage::Engine& engine, storage::Transaction& trx, storage::Table& table);
  Status create(storage::Engine& engine);
  Status change_index(storage::Engine& engine);
  // Ends a change whose outcome `after_` holds.
  Status settle(const Status& status, model::Outcome outcome, const char* what);
  void violate(const std::string& what);

  Prng prng_;
  const std::string name_;
  const Violate violate_;
  TablePair pair_;
  State acknowledged_;
  State working_;    // within a transaction
  State savepoint_;  // at its last savepoint
  State after_;      // if the statement, commit or definition change in progress takes effect
  bool is_deciding_ = false;  // after_ may be what a restart finds
  uint32_t next_index_ = 100;
  uint64_t operations_ = 0;
  uint64_t commits_ = 0;
};

}  // namespace aftersync::faults
