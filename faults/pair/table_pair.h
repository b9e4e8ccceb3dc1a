// TablePair: one random table seen by two: the engine and the table model.
//
// Schemas and rows are drawn as small numbers from small domains (paired_column.h). Each has one
// form for the engine and one for the model; a row of the engine can be turned into the model's and
// compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/base/status.h"
#include "core/storage/engine.h"
#include "faults/pair/paired_column.h"
#include "model/table/table_model.h"

namespace aftersync::faults {

class TablePair {
 public:
  static constexpr size_t kLongestBytes = 40'000;

  // A table of 2 to 6 columns, with a primary key of 1 or 2 or (one in five) none, and up to 3
  // secondary indexes. Rows of up to about `longest_bytes`, if there is a column to hold them.
  TablePair(Prng& prng, std::string name, size_t longest_bytes = kLongestBytes);

  [[nodiscard]] const std::string& name() const { return engine_def_.name; }
  [[nodiscard]] const storage::TableDef& engine_def() const { return engine_def_; }
  [[nodiscard]] const model::TableDef& model_def() const { return model_def_; }
  [[nodiscard]] bool has_primary_key() const { return !model_def_.primary_key.empty(); }

  // An index over one or two columns, named `name`, for both.
  struct PairedIndex {
    storage::IndexDef engine;
    model::IndexDef model;
  };
  [[nodiscard]] PairedIndex draw_index(Prng& prng, std::string name) const;

  // The row whose primary key is that of choice `key` and whose other columns are drawn from
  // `payload`. A payload that is a multiple of 4 makes a long row, one in 32 the longest.
  [[nodiscard]] model::Row model_row(uint32_t key, uint32_t payload) const;
  [[nodiscard]] storage::Row engine_row(uint32_t key, uint32_t payload) const;
  // The primary key's values. CHECK: there is one.
  [[nodiscard]] model::Row model_key(uint32_t key) const;
  [[nodiscard]] Result<std::string> engine_key(const storage::Table& table, uint32_t key) const;

  // The values that choice `choice` gives to the first `parts` columns of an index.
  struct Bound {
    storage::Row engine;
    model::Row model;
  };
  [[nodiscard]] Bound bound(const std::vector<model::KeyPart>& parts, size_t count,
                            uint32_t choice) const;

  // What the model calls a row of the engine. Code::corruption when it cannot be one.
  [[nodiscard]] Result<model::Row> to_model(const storage::Row& row) const;

 private:
  [[nodiscard]] uint32_t choice_of(size_t column, uint32_t key, uint32_t payload) const;
  [[nodiscard]] bool is_key(size_t column) const;
  void choose_primary_key(Prng& prng);
  void choose_long_column();
  [[nodiscard]] size_t long_bytes(uint32_t payload) const;

  const size_t longest_bytes_;
  std::vector<PairedColumn> columns_;
  storage::TableDef engine_def_;
  model::TableDef model_def_;
  size_t long_column_ = SIZE_MAX;
};

}  // namespace aftersync::faults
