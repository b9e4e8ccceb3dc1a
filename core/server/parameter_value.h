// Parameters of prepared statements: from the protocol's cells to SQL's values.
#pragma once

#include <optional>

#include "core/sql/value/typed_value.h"
#include "core/storage/collation.h"
#include "core/wire/statement_parameters.h"

namespace aftersync::server {

// `charset`: of texts, where it is not UTF-8.
[[nodiscard]] sql::TypedValue parameter_value(const wire::Parameter& parameter,
                                              std::optional<storage::Collation> charset);

}  // namespace aftersync::server
