// The functions that can be called by name: how many arguments, which type,
// what they do.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/sql/eval/bound_expr.h"

namespace aftersync::sql {

struct FunctionSpec {
  std::string_view name;
  size_t least = 0;
  size_t most = 0;  // arguments
  TypeInfo (*type)(const std::vector<BoundExpr>& args) = nullptr;
  BoundExpr::Function function = nullptr;
  std::shared_ptr<NodeMemory> (*memory)() = nullptr;
  bool of_session = false;  // asks the context's session
};

// Families of functions; each in a file of its own.
[[nodiscard]] std::span<const FunctionSpec> string_functions();
[[nodiscard]] std::span<const FunctionSpec> numeric_functions();
[[nodiscard]] std::span<const FunctionSpec> temporal_functions();
[[nodiscard]] std::span<const FunctionSpec> control_functions();
[[nodiscard]] std::span<const FunctionSpec> session_functions();
[[nodiscard]] std::span<const FunctionSpec> calendar_functions();
[[nodiscard]] std::span<const FunctionSpec> encoding_functions();

// nullptr when there is no such function; names are in upper case.
[[nodiscard]] const FunctionSpec* find_function(std::string_view name);

}  // namespace aftersync::sql
