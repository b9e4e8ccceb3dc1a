// ddmin: a smallest part of a list that still fails.
//
// Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (TSE 2002). The result
// is 1-minimal: it fails, and without any single one of its items it does not. Items may depend on
// one another; then the result is a local minimum, not the least.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace aftersync::faults {

// `fails(items)` must be true for the list itself. It is asked about lists in the given order of
// items, about the empty one first.
template <typename T, typename Fails>
[[nodiscard]] std::vector<T> ddmin(std::vector<T> items, const Fails& fails) {
  if (items.empty() || fails(std::vector<T>())) return {};
  size_t parts = 2;
  while (items.size() >= 2) {
    const size_t length = (items.size() + parts - 1) / parts;
    bool reduced = false;
    for (size_t begin = 0; begin < items.size() && !reduced; begin += length) {
      const size_t end = std::min(begin + length, items.size());
      std::vector<T> rest(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(begin));
      rest.insert(rest.end(), items.begin() + static_cast<std::ptrdiff_t>(end), items.end());
      if (rest.empty() || !fails(rest)) continue;
      items = std::move(rest);
      parts = std::max<size_t>(parts - 1, 2);
      reduced = true;
    }
    if (reduced) continue;
    if (length == 1) break;
    parts = std::min(parts * 2, items.size());
  }
  return items;
}

}  // namespace aftersync::faults
