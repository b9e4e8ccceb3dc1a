// Index pages against an ordered map: any sequence of operations, each also replayed on a copy.
//
// The page is allocated with exactly its size, so that under the address sanitizer a read past it
// is found; so are arguments, each in a buffer of its own.
#include "core/storage/slotted_page.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/coding.h"
#include "core/base/prng.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {
namespace {

namespace f = index_format;

constexpr PageId kId{SpaceId(7), PageNo(42)};

struct Page {
  explicit Page(uint16_t level = 0) : bytes(std::make_unique<char[]>(kPageBytes)) {
    std::memset(bytes.get(), 0, kPageBytes);
    bytes[kPageTypeAt] = static_cast<char>(PageType::index);
    bytes[kPageVersionAt] = f::kVersion;
    std::string args;
    append_be(args, uint64_t{99});
    append_be(args, level);
    CHECK_OK(apply_index_op(PageOp::index_init, kId, args, bytes.get()));
  }
  Page(const Page& other) : bytes(std::make_unique<char[]>(kPageBytes)) {
    std::memcpy(bytes.get(), other.bytes.get(), kPageBytes);
  }
  [[nodiscard]] SlottedPage view() const { return SlottedPage(bytes.get()); }
  Status apply(PageOp op, std::string_view args) {
    const std::vector<char> exact(args.begin(), args.end());
    return apply_index_op(op, kId, {exact.data(), exact.size()}, bytes.get());
  }
  [[nodiscard]] std::string image() const { return {bytes.get(), kPageBytes}; }

  std::unique_ptr<char[]> bytes;
};

std::string u16(size_t value) {
  std::string to;
  append_be(to, static_cast<uint16_t>(value));
  return to;
}

std::string insert_args(size_t slot, std::string_view key, std::string_view value, char flags) {
  return u16(slot) + flags + u16(key.size()) + std::string(key) + std::string(value);
}

std::string copied(std::string_view key, std::string_view value, char flags) {
  return flags + u16(key.size()) + u16(value.size()) + std::string(key) + std::string(value);
}

struct Entry {
  std::string value;
  uint8_t flags = 0;
};
using Map = std::map<std::string, Entry>;

// One step of a history: decisions are drawn from the seed, so that a history shrinks to a prefix.
struct History {
  explicit History(uint64_t seed) : random(seed) {}

  std::string some_key() {
    // Few distinct bytes and shared beginnings: prefixes and equal hints are the interesting case.
    std::string key = random.chance(0.8) ? common : "";
    const size_t length =
        random.chance(0.05) ? random.between(1, limits::kMaxKeyBytes - 40) : random.between(1, 7);
    for (size_t i = 0; i < length; ++i) {
      key += static_cast<char>(
          "\x00\x01"
          "az\xff"[random.below(5)]);
    }
    return key;
  }
  std::string some_value(size_t key_bytes) {
    const size_t most = f::kMaxRecordBytes - key_bytes;
    const size_t length =
        random.chance(0.03) ? random.below(most + 1) : random.below(std::min<size_t>(most, 200));
    std::string value(length, '\0');
    for (char& c : value) c = static_cast<char>(random.next());
    return value;
  }
  // The operation to do next and its arguments, as the page stands; applied to the map as well if
  // there is room.
  std::pair<PageOp, std::string> step(const SlottedPage& page);
  std::pair<PageOp, std::string> insert(const SlottedPage& page);
  std::pair<PageOp, std::string> copy_in(const SlottedPage& page);

  Prng random;
  std::string common = "shared/";
  Map map;
  bool fits = true;
};

std::pair<PageOp, std::string> History::insert(const SlottedPage& page) {
  std::string key = some_key();
  while (map.contains(key)) key = some_key() + std::to_string(random.next());
  const std::string value = some_value(key.size());
  const auto found = page.lower_bound(key);
  RC_ASSERT(!found.exact);
  RC_ASSERT(found.slot == std::distance(map.begin(), map.lower_bound(key)));
  const auto flags = static_cast<uint8_t>(random.below(4));
  fits = 3 + key.size() + value.size() + 8 <= page.total_free();
  if (fits) map[key] = {value, flags};
  return {PageOp::index_insert, insert_args(found.slot, key, value, static_cast<char>(flags))};
}

// Some records behind the last one, as a split or a merge does.
std::pair<PageOp, std::string> History::copy_in(const SlottedPage& page) {
  Map added;
  const std::string base = map.empty() ? "" : map.rbegin()->first;
  size_t bytes = 0;
  for (uint64_t i = random.between(1, 20); i > 0; --i) {
    const std::string key = (base + some_key()).substr(0, limits::kMaxKeyBytes);
    if (key.size() > base.size()) {
      added[key] = {std::string(random.below(40), 'v'), static_cast<uint8_t>(random.below(4))};
    }
  }
  std::string args = u16(page.slots());
  for (const auto& [key, entry] : added) {
    args += copied(key, entry.value, static_cast<char>(entry.flags));
    bytes += 3 + key.size() + entry.value.size() + 8;
  }
  fits = !added.empty() && bytes <= page.total_free();
  if (fits) map.insert(added.begin(), added.end());
  return {PageOp::index_copy_in, args};
}

std::pair<PageOp, std::string> History::step(const SlottedPage& page) {
  fits = true;
  if (map.empty() || random.chance(0.45)) return insert(page);
  if (random.chance(0.1)) return copy_in(page);
  const size_t slot = random.below(map.size());
  const auto at = std::next(map.begin(), static_cast<std::ptrdiff_t>(slot));
  const auto flags = static_cast<uint8_t>(random.below(4));
  switch (random.below(6)) {
    case 0: map.erase(at); return {PageOp::index_erase, u16(slot)};
    case 1: {
      const std::string value = some_value(at->first.size());
      fits = value.size() <= page.total_free() + at->second.value.size();
      if (fits) at->second = {value, flags};
      return {PageOp::index_replace, u16(slot) + static_cast<char>(flags) + value};
    }
    case 2: {
      std::string& value = at->second.value;
      const size_t offset = random.below(value.size() + 1);
      const std::string bytes(random.below(value.size() - offset + 1), 'P');
      value.replace(offset, bytes.size(), bytes);
      return {PageOp::index_patch, u16(slot) + u16(offset) + bytes};
    }
    case 3:
      at->second.flags = flags;
      return {PageOp::index_set_flags, u16(slot) + static_cast<char>(flags)};
    case 4: return {PageOp::index_compact, ""};
    default:
      if (!random.chance(0.1)) return {PageOp::index_compact, ""};
      map.erase(at, map.end());
      return {PageOp::index_truncate, u16(slot)};
  }
}

void expect_equal(const SlottedPage& page, const Map& map) {
  RC_ASSERT(page.slots() == map.size());
  uint16_t slot = 0;
  size_t used = 0;
  for (const auto& [key, entry] : map) {
    const RecordView r = page.record(slot);
    RC_ASSERT(r.key == key);
    RC_ASSERT(r.value == entry.value);
    RC_ASSERT(r.flags == entry.flags);
    const auto found = page.lower_bound(key);
    RC_ASSERT(found.exact);
    RC_ASSERT(found.slot == slot);
    used += 3 + key.size() + entry.value.size() + 8;
    ++slot;
  }
  RC_ASSERT(page.used() == used);
}

RC_GTEST_PROP(SlottedPageProperty, BehavesLikeAMapAndReplaysToTheSameBytes,
              (uint64_t seed, bool shared)) {
  const auto steps = *rc::gen::inRange(1, 400);
  History history(seed);
  if (!shared) history.common.clear();
  Page page;
  Page replayed(page);
  for (int i = 0; i < steps; ++i) {
    const auto [op, args] = history.step(page.view());
    const std::string before = page.image();
    const Status done = page.apply(op, args);
    RC_ASSERT(done.ok() == history.fits);
    if (!done.ok()) RC_ASSERT(page.image() == before);
    RC_ASSERT(replayed.apply(op, args).ok() == done.ok());
    RC_ASSERT(page.image() == replayed.image());
    const Status sound = page.view().check();
    if (!sound.ok()) RC_FAIL(sound.to_string());
  }
  expect_equal(page.view(), history.map);
}

// Random arguments, and good arguments on a page that has been damaged anywhere after its common
// header: refused with the page unchanged or carried out, but never a read or write outside (which
// the address sanitizer would see) and never a stopped process.
RC_GTEST_PROP(SlottedPageProperty, UnfitArgumentsAndPagesAreHarmless, (uint64_t seed)) {
  History history(seed);
  Page page;
  for (int i = 0; i < 60; ++i) {
    const auto [op, args] = history.step(page.view());
    (void)page.apply(op, args);
  }
  Prng random(seed, 1);
  for (int i = 0; i < 200; ++i) {
    Page victim(page);
    if (random.chance(0.7)) {
      for (uint64_t n = random.between(1, 3); n > 0; --n) {
        const size_t at = random.chance(0.5) ? random.between(f::kLevelAt, f::kHeapAt - 1)
                                             : random.between(kPageBodyAt, kPageTrailerAt - 1);
        victim.bytes[at] = static_cast<char>(random.next());
      }
    }
    const auto op = static_cast<PageOp>(random.between(16, 26));
    std::string args;
    if (random.chance(0.5)) {
      args =
          u16(random.below(victim.view().slots() + 2u)) + '\0' + u16(random.below(9)) + "abcdefgh";
    } else {
      for (uint64_t n = random.below(40); n > 0; --n) args += static_cast<char>(random.below(20));
    }
    const std::string before = victim.image();
    if (!victim.apply(op, args).ok()) RC_ASSERT(victim.image() == before);
    (void)victim.view().check();
  }
}

TEST(SlottedPage, AnEmptyPageHasNothing) {
  const Page page;
  EXPECT_TRUE(page.view().check().ok());
  EXPECT_EQ(page.view().slots(), 0);
  EXPECT_EQ(page.view().total_free(), f::kUsableBytes);
  EXPECT_EQ(page.view().lower_bound("x").slot, 0);
  EXPECT_FALSE(page.view().lower_bound("x").exact);
}

TEST(SlottedPage, InnerNodesPutTheirFirstChildBelowEverything) {
  Page page(1);
  const std::string child("\0\0\0\5", 4);
  ASSERT_TRUE(page.apply(PageOp::index_insert, insert_args(0, "", child, 0)).ok());
  ASSERT_TRUE(page.apply(PageOp::index_insert, insert_args(1, "keys/5", child, 0)).ok());
  ASSERT_TRUE(page.apply(PageOp::index_insert, insert_args(2, "keys/7", child, 0)).ok());
  ASSERT_TRUE(page.view().check().ok()) << page.view().check().to_string();
  EXPECT_EQ(page.view().prefix(), 5u) << "the empty key does not count";
  EXPECT_EQ(page.view().child_slot("a"), 0);
  EXPECT_EQ(page.view().child_slot("keys/4"), 0);
  EXPECT_EQ(page.view().child_slot("keys/5"), 1);
  EXPECT_EQ(page.view().child_slot("keys/6"), 1);
  EXPECT_EQ(page.view().child_slot("z"), 2);
  EXPECT_EQ(page.view().child_slot_before("keys/5"), 0);
  EXPECT_EQ(page.view().child_slot_before("keys/6"), 1);
  EXPECT_EQ(page.view().child(1), PageNo(5));
}

TEST(SlottedPage, RunsOfInsertsAreRemembered) {
  Page page;
  for (char c = 'a'; c < 'k'; ++c) {
    ASSERT_TRUE(
        page.apply(PageOp::index_insert, insert_args(size_t(c - 'a'), {&c, 1}, "", 0)).ok());
  }
  EXPECT_EQ(page.view().run(), 9);
  ASSERT_TRUE(page.apply(PageOp::index_insert, insert_args(0, "A", "", 0)).ok());
  EXPECT_EQ(page.view().run(), 0);
  ASSERT_TRUE(page.apply(PageOp::index_insert, insert_args(0, "9", "", 0)).ok());
  ASSERT_TRUE(page.apply(PageOp::index_insert, insert_args(0, "8", "", 0)).ok());
  EXPECT_EQ(page.view().run(), -2);
}

TEST(SlottedPage, KeysOutOfOrderAreRefused) {
  Page page;
  ASSERT_TRUE(page.apply(PageOp::index_insert, insert_args(0, "m", "", 0)).ok());
  EXPECT_EQ(page.apply(PageOp::index_insert, insert_args(0, "n", "", 0)).code(), Code::corruption);
  EXPECT_EQ(page.apply(PageOp::index_insert, insert_args(1, "m", "", 0)).code(), Code::corruption);
  EXPECT_EQ(page.apply(PageOp::index_insert, insert_args(0, "", "", 0)).code(), Code::corruption);
}

// check() must see each kind of damage; otherwise the property above would prove nothing.
struct Damage {
  const char* what;
  std::function<void(char*)> inflict;
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.what; }

class SlottedPageDamage : public testing::TestWithParam<Damage> {};

TEST_P(SlottedPageDamage, IsSeen) {
  Page page;
  for (char c = 'a'; c < 'g'; ++c) {
    const std::string key = std::string("key/") + c;
    ASSERT_TRUE(
        page.apply(PageOp::index_insert, insert_args(size_t(c - 'a'), key, "value", 0)).ok());
  }
  ASSERT_TRUE(page.view().check().ok());
  GetParam().inflict(page.bytes.get());
  EXPECT_EQ(page.view().check().code(), Code::corruption);
}

void add_to(char* page, size_t at, int by) {
  store_be(page + at, static_cast<uint16_t>(load_be<uint16_t>(page + at) + by));
}

size_t slot_at(size_t slot) { return index_internal::slot_at(slot); }

INSTANTIATE_TEST_SUITE_P(
    Kinds, SlottedPageDamage,
    testing::Values(
        Damage{
            "slots_swapped",
            [](char* p) { std::swap_ranges(p + slot_at(1), p + slot_at(1) + 8, p + slot_at(2)); }},
        Damage{"hint", [](char* p) { ++p[slot_at(3) + f::kSlotHintAt]; }},
        Damage{"offset_outside", [](char* p) { add_to(p, slot_at(0) + f::kSlotOffsetAt, -1); }},
        Damage{"overlap",
               [](char* p) {
                 std::memcpy(p + slot_at(4) + 4, p + slot_at(3) + 4, 2);
                 p[slot_at(3) + 3] = 0;
               }},
        Damage{"key_length", [](char* p) { add_to(p, slot_at(5) + f::kSlotKeyLengthAt, 1); }},
        Damage{"one_slot_less", [](char* p) { add_to(p, f::kSlotsAt, -1); }},
        Damage{"garbage", [](char* p) { add_to(p, f::kGarbageAt, 1); }},
        Damage{"heap_end", [](char* p) { add_to(p, f::kHeapEndAt, 5); }},
        Damage{"prefix_too_long", [](char* p) { add_to(p, f::kPrefixAt, 1); }},
        Damage{"prefix_too_short", [](char* p) { add_to(p, f::kPrefixAt, -1); }},
        Damage{"unknown_flag", [](char* p) { p[f::kHeapAt] = 8; }},
        Damage{"value_length", [](char* p) { add_to(p, f::kHeapAt + 1, 1); }},
        Damage{"inner_without_children", [](char* p) { p[f::kLevelAt + 1] = 1; }},
        Damage{"page_type", [](char* p) { p[kPageTypeAt] = 5; }}),
    [](const auto& damage) { return damage.param.what; });

}  // namespace
}  // namespace aftersync::storage
