// TablePair: one random table seen by two: the engine and the table model.
//
// Schemas and values are drawn as small numbers ("choices") from small domains, so that keys
// collide, unique indexes are violated and shrunk counterexamples stay readable. Each choice has
// one value for the engine and one for the model; a row of either can be turned into the model's
// and compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/base/status.h"
#include "core/storage/engine.h"
#include "model/table/table_model.h"

namespace aftersync::faults {

struct PairedColumn {
  storage::ColumnDef engine;
  model::Order order{};
};

class TablePair {
 public:
  // A table of 2 to 6 columns with a primary key of 1 or 2 and up to 3 secondary indexes.
  TablePair(Prng& prng, std::string name);

  [[nodiscard]] const storage::TableDef& engine_def() const { return engine_def_; }
  [[nodiscard]] const model::TableDef& model_def() const { return model_def_; }

  // An index over one or two columns, named `name`, for both.
  struct PairedIndex {
    storage::IndexDef engine;
    model::IndexDef model;
  };
  [[nodiscard]] PairedIndex draw_index(Prng& prng, std::string name) const;

  // The row whose primary key is that of choice `key` and whose other columns are drawn from
  // `payload`. A payload that is a multiple of 16 makes a row of several pages.
  [[nodiscard]] model::Row model_row(uint32_t key, uint32_t payload) const;
  [[nodiscard]] storage::Row engine_row(uint32_t key, uint32_t payload) const;
  // The primary key's values.
  [[nodiscard]] model::Row model_key(uint32_t key) const;
  [[nodiscard]] Result<std::string> engine_key(const storage::Table& table, uint32_t key) const;

  // What the model calls a row of the engine. Code::corruption when it cannot be one.
  [[nodiscard]] Result<model::Row> to_model(const storage::Row& row) const;

 private:
  [[nodiscard]] uint32_t choice_of(size_t column, uint32_t key, uint32_t payload) const;
  [[nodiscard]] bool is_key(size_t column) const;
  void choose_long_column();

  std::vector<PairedColumn> columns_;
  storage::TableDef engine_def_;
  model::TableDef model_def_;
  size_t long_column_ = SIZE_MAX;
};

}  // namespace aftersync::faults
