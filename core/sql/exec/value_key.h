// Keys of values: bytes that are equal if and only if the values are (DISTINCT, GROUP BY).
#pragma once

#include <span>
#include <string>

#include "core/sql/value/value.h"

namespace aftersync::sql {

// Appends the key of a value of that type. NULL equals NULL.
void append_value_key(const Value& value, const TypeInfo& type, std::string& key);

}  // namespace aftersync::sql
