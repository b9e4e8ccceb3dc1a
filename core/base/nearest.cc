// The nearest name.
#include "core/base/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace aftersync {

namespace {

// Longer names are nobody's typing; comparing them would cost the square of their length.
constexpr size_t kMaxNameBytes = 128;

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row[b.size()];
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
  if (known.empty() || name.size() > kMaxNameBytes) return {};
  const auto nearest =
      std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
        return edit_distance(name, a) < edit_distance(name, b);
      });
  if (edit_distance(name, *nearest) > name.size() / 2) return {};
  return "; did you mean '" + std::string(*nearest) + "'?";
}

}  // namespace aftersync
