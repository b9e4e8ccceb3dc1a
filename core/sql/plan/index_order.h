// Whether an index yields rows in the order that ORDER BY wants.
//
// Parts of the index that have one value do not count; the others must be the columns of ORDER BY,
// in their order, all in the direction of the index or all against it (MySQL manual 10.2.1.16).
#pragma once

#include <vector>

#include "core/sql/plan/access_path.h"

namespace aftersync::sql {

// If reading source number `source` by `path` can give that order, makes it (the direction, and
// where nothing else speaks for an index, which one), and answers true.
[[nodiscard]] bool comes_ordered(const NameScope& scope, const std::vector<OrderItem>& order_by,
                                 AccessPath& path, size_t source = 0);

}  // namespace aftersync::sql
