// A value together with its type: what a variable or a parameter holds.
#pragma once

#include "core/sql/value/value.h"

namespace aftersync::sql {

struct TypedValue {
  Value value{};
  TypeInfo type{};
};

}  // namespace aftersync::sql
