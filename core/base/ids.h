// Strong ids: a page number is not a transaction number, and the compiler knows it.
//
// Each id is a plain integer with its own type: comparable with its own kind, hashable, never
// implicitly converted. `value()` is the way out, the explicit constructor the way in.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

namespace aftersync {

template <typename Tag, typename Rep>
class StrongId {
 public:
  using rep = Rep;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }
  [[nodiscard]] static constexpr StrongId max() {
    return StrongId(std::numeric_limits<Rep>::max());
  }
  // The id after this one. Running out of ids is a programming error that the caller must exclude.
  [[nodiscard]] constexpr StrongId next() const { return StrongId(static_cast<Rep>(value_ + 1)); }

  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_ = 0;
};

using Lsn = StrongId<struct LsnTag, uint64_t>;          // byte position in the redo stream
using PageNo = StrongId<struct PageNoTag, uint32_t>;    // page within a tablespace
using SpaceId = StrongId<struct SpaceIdTag, uint32_t>;  // tablespace
using TableId = StrongId<struct TableIdTag, uint64_t>;
using IndexId = StrongId<struct IndexIdTag, uint64_t>;
using TrxId = StrongId<struct TrxIdTag, uint64_t>;  // transaction, in order of first write
using Term = StrongId<struct TermTag, uint64_t>;    // reign of one source in a cluster

// Marks "no page": the end of a sibling chain, an absent child.
inline constexpr PageNo kNoPage = PageNo::max();

// Names one page of one tablespace.
struct PageId {
  SpaceId space;
  PageNo page;
  friend constexpr auto operator<=>(const PageId&, const PageId&) = default;
};

}  // namespace aftersync

template <typename Tag, typename Rep>
struct std::hash<aftersync::StrongId<Tag, Rep>> {
  size_t operator()(aftersync::StrongId<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};

template <>
struct std::hash<aftersync::PageId> {
  size_t operator()(const aftersync::PageId& id) const {
    const uint64_t both = (uint64_t{id.space.value()} << 32) | id.page.value();
    return static_cast<size_t>(both * 0x9e3779b97f4a7c15u);
  }
};
