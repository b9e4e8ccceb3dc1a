// PairedColumn: one column seen by two, the engine and the table model, and its small domain.
//
// A value is drawn as a small number, its *choice*. Choices that are kDomain apart give values that
// are alike: equal, or equal but for case and trailing spaces where the column's order does not
// see those. So keys collide, unique indexes are violated, and a shrunk counterexample stays
// readable. Among the first choices of each type are the ends of its range.
#pragma once

#include <cstdint>

#include "core/base/prng.h"
#include "core/base/status.h"
#include "core/storage/key_encoding.h"
#include "core/storage/schema.h"
#include "model/table/value.h"

namespace aftersync::faults {

inline constexpr uint32_t kDomain = 24;  // distinct values of a column, more or less

struct PairedColumn {
  storage::ColumnDef engine;
  model::Order order{};
  unsigned precision = 0;  // of decimals
  unsigned scale = 0;      // of decimals
};

// A column of any type that the engine has, named c<number>.
[[nodiscard]] PairedColumn draw_column(Prng& prng, size_t number);

// The value of a choice below 2 * kDomain. NULL is one of them where the column admits it.
[[nodiscard]] model::Value model_value(const PairedColumn& column, uint32_t choice);

// The same value as the other side holds it. Code::corruption for what no column of that type
// can hold.
[[nodiscard]] storage::Value to_engine(const PairedColumn& column, const model::Value& value);
[[nodiscard]] Result<model::Value> to_model(const PairedColumn& column,
                                            const storage::Value& value);

}  // namespace aftersync::faults
