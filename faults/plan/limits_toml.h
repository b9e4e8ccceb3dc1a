// Limits from the `[faults]` table of a scenario file; the keys are described in limits.h.
#pragma once

#include "faults/plan/limits.h"
#include "faults/plan/table_reader.h"

namespace aftersync::faults {

// Reads and finishes `faults`. Mistakes go to the reader's TomlErrors.
[[nodiscard]] Limits read_limits(TableReader faults);

}  // namespace aftersync::faults
