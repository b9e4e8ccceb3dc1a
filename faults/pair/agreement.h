// Whether a table in the engine is what the model says: as a whole, in a range, in its structure.
//
// Each answer is the first difference found, in words, or empty. Failures of the device are
// returned.
#pragma once

#include <optional>
#include <string>

#include "core/base/status.h"
#include "core/storage/engine.h"
#include "faults/pair/table_pair.h"
#include "model/table/table_model.h"

namespace aftersync::faults {

enum class Direction : uint8_t { forwards, backwards };

// A scan of the whole of one index ("PRIMARY" or a secondary's name).
[[nodiscard]] Result<std::string> scan_difference(const TablePair& pair, storage::Engine& engine,
                                                  const model::TableModel& model,
                                                  const std::string& index, Direction direction);

// A scan from the first entry not below to the last entry not above the values that a choice gives
// to the first columns of an index, which may be other than those of any row.
[[nodiscard]] Result<std::string> range_difference(const TablePair& pair, storage::Engine& engine,
                                                   const model::TableModel& model,
                                                   const std::string& index, uint32_t choice,
                                                   Direction direction);

// Existence, indexes, and all rows in the order of each of them.
[[nodiscard]] Result<std::string> table_difference(const TablePair& pair, storage::Engine& engine,
                                                   const std::optional<model::TableModel>& state);

// The table by itself: ledger of its space, trees, entries against rows. No transaction has changed
// it and not ended. `is_purged`: no delete mark may be left.
[[nodiscard]] Result<std::string> damage(storage::Engine& engine, const storage::Table& table,
                                         bool is_purged);
// What all tables share: catalog and undo.
[[nodiscard]] Result<std::string> damage(storage::Engine& engine);

}  // namespace aftersync::faults
