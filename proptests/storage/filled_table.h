// A table that is made with rows in it, for tests: its definition, its rows, and whether a table in
// an engine is that one, whole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/storage/engine.h"

namespace aftersync::storage {

struct FilledTable {
  uint64_t rows = 0;
  bool has_primary_key = true;
  uint64_t long_row = UINT64_MAX;  // this one's text goes to overflow pages

  // id (the primary key), code (unique, NULL in every seventh row), text (not unique).
  [[nodiscard]] TableDef definition() const;
  [[nodiscard]] Row row(uint64_t n) const;
  [[nodiscard]] RowSource source() const;
  // Every row by its place in the clustered tree, the number of entries of each index, and every
  // tree's structure. Empty, or what is wrong.
  [[nodiscard]] std::string differences(Engine& engine) const;
};

[[nodiscard]] IndexDef index_on(uint32_t column, const std::string& name, bool unique);

}  // namespace aftersync::storage
