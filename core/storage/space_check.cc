// SpaceAllocator::check: does the ledger of a space add up?
#include <bit>
#include <set>
#include <string>

#include "core/base/check.h"
#include "core/storage/page_store.h"
#include "core/storage/segment.h"
#include "core/storage/space_ledger.h"

namespace aftersync::storage {

using namespace space_format;
using Place = SpaceLedger::Place;

namespace {

class SpaceCheck {
 public:
  SpaceCheck(SpaceLedger& ledger, SpaceId space) : ledger_(ledger), path_(space_path(space)) {}

  Status run() {
    RETURN_IF_ERROR(list(ledger_.header(kFreeListAt), ExtentState::free, 0, 0, 0));
    RETURN_IF_ERROR(list(ledger_.header(kFragmentListAt), ExtentState::fragment, 0, 1, 63));
    RETURN_IF_ERROR(list(ledger_.header(kFullFragmentListAt), ExtentState::fragment, 0, 64, 64));
    for (uint32_t s = 0; s < kMaxSegments; ++s) RETURN_IF_ERROR(segment(s));
    return extents();
  }

 private:
  Status wrong(const std::string& what, uint64_t expected, uint64_t found) const {
    return {Code::corruption, path_ + ": " + what + ": expected " + std::to_string(expected) +
                                  ", found " + std::to_string(found)};
  }

  // Walks a list whose extents are in `state`, owned by `owner`, with so many pages in use each.
  Status list(Place at, ExtentState state, uint32_t owner, int least, int most) {
    uint32_t count = 0;
    uint32_t last = kNoExtent;
    for (uint32_t e = ledger_.first(at); e != kNoExtent; last = e, e = ledger_.next_of(e)) {
      const std::string name = "extent " + std::to_string(e);
      if (e >= touched()) return wrong(name + " on a list: extents touched", touched(), e);
      if (!listed_.insert(e).second) return wrong(name + ": lists it is on", 1, 2);
      if (ledger_.state(e) != state) {
        return wrong(name + ": state", static_cast<uint64_t>(state),
                     static_cast<uint64_t>(ledger_.state(e)));
      }
      if (state == ExtentState::segment && ledger_.owner(e) != owner) {
        return wrong(name + ": owner", owner, ledger_.owner(e));
      }
      if (ledger_.previous_of(e) != last) {
        return wrong(name + ": previous", last, ledger_.previous_of(e));
      }
      const int used = std::popcount(ledger_.bitmap(e));
      if (used < least || used > most) {
        return wrong(name + ": pages in use", static_cast<uint64_t>(least),
                     static_cast<uint64_t>(used));
      }
      used_in_list_ += static_cast<uint32_t>(used);
      ++count;
    }
    if (count != ledger_.length(at)) return wrong("length of a list", count, ledger_.length(at));
    if (ledger_.get(at.at(4)) != last) return wrong("last of a list", last, ledger_.get(at.at(4)));
    return {};
  }

  Status segment(uint32_t number) {
    ASSIGN_OR_RETURN(const Place inode, ledger_.inode(SegmentNo(number)));
    if (ledger_.get(inode) == 0) return {};
    const std::string name = "segment " + std::to_string(number);
    const auto walk = [&](size_t at, int least, int most) {
      return list(inode.at(at), ExtentState::segment, number, least, most).in(name);
    };
    used_in_list_ = 0;
    RETURN_IF_ERROR(walk(kInodeFreeListAt, 0, 0));
    RETURN_IF_ERROR(walk(kInodePartialListAt, 1, 63));
    RETURN_IF_ERROR(walk(kInodeFullListAt, 64, 64));
    uint32_t fragments = 0;
    for (uint32_t slot = 0; slot < kFragmentPages; ++slot) {
      const uint32_t page = ledger_.get(inode.at(kInodeFragmentPagesAt + slot * 4));
      if (page == kNoPage.value()) continue;
      ++fragments;
      if (page >= ledger_.size_pages()) {
        return wrong(name + ": a page beyond the end", ledger_.size_pages(), page);
      }
      if (!fragment_pages_.insert(page).second) {
        return wrong("page " + std::to_string(page) + ": owners", 1, 2);
      }
    }
    if (fragments != ledger_.get(inode.at(kInodeFragmentsAt))) {
      return wrong(name + ": fragment pages", fragments, ledger_.get(inode.at(kInodeFragmentsAt)));
    }
    if (used_in_list_ + fragments != ledger_.get(inode.at(kInodePagesAt))) {
      return wrong(name + ": pages", used_in_list_ + fragments,
                   ledger_.get(inode.at(kInodePagesAt)));
    }
    return {};
  }

  // Every touched extent is on one list; every used page of a fragment extent belongs to somebody.
  Status extents() {
    if (listed_.size() != touched()) return wrong("extents on lists", touched(), listed_.size());
    uint64_t free_pages = 0;
    for (uint32_t e = 0; e < touched(); ++e) {
      if (ledger_.state(e) != ExtentState::fragment) continue;
      for (uint32_t bit = 0; bit < kExtentPages; ++bit) {
        const uint32_t page = e * kExtentPages + bit;
        const bool used = (ledger_.bitmap(e) >> bit & 1) != 0;
        if (!used && page < ledger_.size_pages()) ++free_pages;
        const bool own = page < kFirstFreePage.value() || page % kPagesPerExtentsPage == 0;
        if (used != (own || fragment_pages_.contains(page))) {
          return wrong("page " + std::to_string(page) + ": in use", used ? 0 : 1, used ? 1 : 0);
        }
      }
    }
    const uint32_t counted = ledger_.get(ledger_.header(kFragmentPagesFreeAt));
    if (counted != free_pages) return wrong("free fragment pages", free_pages, counted);
    return {};
  }

  uint32_t touched() { return ledger_.get(ledger_.header(kTouchedExtentsAt)); }

  SpaceLedger& ledger_;
  const std::string path_;
  std::set<uint32_t> listed_;
  std::set<uint32_t> fragment_pages_;
  uint32_t used_in_list_ = 0;
};

}  // namespace

Status SpaceAllocator::check(SpaceId space) {
  Mtr mtr(store_, kLargeMtr);
  RETURN_IF_ERROR(mtr.ready());
  SpaceLedger ledger(store_, mtr, space);
  RETURN_IF_ERROR(ledger.open());
  return SpaceCheck(ledger, space).run();
}

}  // namespace aftersync::storage
