// Statement: one change to one row, or some rows inserted together, as small numbers, and what
// engine and model make of it.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/prng.h"
#include "core/base/status.h"
#include "core/storage/engine.h"
#include "faults/pair/table_pair.h"
#include "model/table/table_model.h"

namespace aftersync::faults {

enum class StatementKind : uint8_t { insert, insert_many, update, move, remove };

// A row is named by the choice of its primary key; in a table without one, by its place among the
// rows, which comes to the same on both sides as rows are kept in order of insertion.
struct Statement {
  static constexpr uint32_t kKeys = 60;
  static constexpr uint32_t kPayloads = 400;

  StatementKind kind{};
  uint32_t key = 0;      // below kKeys
  uint32_t new_key = 0;  // of a move; below kKeys
  uint32_t payload = 0;  // below kPayloads

  // Of insert_many: `rows` of them, of keys and payloads that follow `key` and `payload`.
  uint32_t rows = 1;
  [[nodiscard]] uint32_t key_of(uint32_t row) const { return (key + row) % kKeys; }
  [[nodiscard]] uint32_t payload_of(uint32_t row) const { return (payload + row) % kPayloads; }
};

[[nodiscard]] Statement draw_statement(Prng& prng);
[[nodiscard]] std::string to_string(const Statement& statement);

// `violated` learns which index a duplicate_key is about.
[[nodiscard]] model::Outcome run_on_model(const TablePair& pair, const Statement& statement,
                                          model::TableModel& model, std::string& violated);
// `rows`: how many the model had before.
Status run_on_engine(const TablePair& pair, const Statement& statement, size_t rows,
                     storage::Engine& engine, storage::Transaction& trx, storage::Table& table);

// Whether the engine's answer is the model's; else how they differ.
[[nodiscard]] std::string difference(const Status& engine, model::Outcome model);
[[nodiscard]] std::string difference(const Status& engine, model::Outcome model,
                                     const std::string& violated);

// What a device may do to a statement, and whoever ran it must put up with.
[[nodiscard]] bool is_device_failure(const Status& status);

}  // namespace aftersync::faults
