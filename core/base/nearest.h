// "Did you mean": the nearest of the known names, for messages about an unknown one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace aftersync {

// Levenshtein's distance: how many bytes must be inserted, removed or replaced.
[[nodiscard]] size_t edit_distance(std::string_view a, std::string_view b);

// "; did you mean 'wal-kv'?" when one of `known` is near `name` (half of it may differ), else "".
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       std::span<const std::string_view> known);

}  // namespace aftersync
