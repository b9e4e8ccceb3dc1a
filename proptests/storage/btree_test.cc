// B+trees against an ordered map, with the smallest pool: any sequence of changes, point lookups,
// scans both ways, and the structure checker after all of it.
#include "core/storage/btree.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/storage/bulk_load.h"
#include "core/storage/tree_check.h"
#include "core/storage/tree_cursor.h"
#include "proptests/storage/tree_fixture.h"

namespace aftersync::storage {
namespace {

// What kinds of keys and values a history draws from.
struct Shape {
  uint64_t key_space;   // how many distinct keys
  size_t key_padding;   // bytes put before (even keys) or behind (odd ones) what tells keys apart
  size_t value_bytes;   // at most
  double insert_share;  // of the steps; the rest are erases, replacements and marks
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.key_space << " keys padded by " << shape.key_padding << ", values up to "
       << shape.value_bytes;
}

std::string key_of(const Shape& shape, uint64_t n) {
  const std::string padding(shape.key_padding, 'p');
  return n % 2 == 0 ? padding + be_key(n) : be_key(n) + padding;
}

void step(BTree& tree, TreeModel& model, const Shape& shape, Prng& random) {
  const std::string key = key_of(shape, random.below(shape.key_space));
  const auto flags = static_cast<uint8_t>(random.below(2));
  const auto here = model.find(key);
  if (random.chance(shape.insert_share)) {
    const std::string value(random.below(shape.value_bytes + 1), static_cast<char>(random.next()));
    put(tree, key, value, flags);
    model[key] = {value, flags};
  } else if (random.chance(0.2)) {
    Change change = Change::mark("M", flags);
    CHECK_OK(tree.modify(key, change));
    if (here == model.end()) return;
    here->second.flags = flags;
    if (!here->second.value.empty()) here->second.value[0] = 'M';
  } else {
    CHECK_EQ(remove(tree, key), here != model.end());
    if (here != model.end()) model.erase(here);
  }
}

// Each of the following returns what is wrong, or nothing: so a failing history can shrink.
std::string shown(std::string_view key) {
  return std::to_string(key.size()) + " bytes ending in " +
         std::to_string(
             load_be<uint64_t>((std::string(8, '\0') + std::string(key)).data() + key.size()));
}

template <typename Iterator, typename Step>
std::string walk(TreeCursor& cursor, Iterator at, Iterator end, Result<bool> on, Step&& step) {
  for (; at != end; ++at, on = step()) {
    if (!on.ok()) return on.status().to_string();
    if (!*on) return "the scan ends before " + shown(at->first);
    const RecordView r = cursor.record();
    if (r.key != at->first) return "found " + shown(r.key) + ", expected " + shown(at->first);
    if (r.value != at->second.value || r.flags != at->second.flags) {
      return "another value or flags at " + shown(r.key);
    }
  }
  return on.ok() && !*on ? "" : "the scan does not end";
}

std::string differences(BTree& tree, const TreeModel& model) {
  TreeCursor cursor(tree);
  std::string wrong =
      walk(cursor, model.begin(), model.end(), cursor.first(), [&] { return cursor.next(); });
  if (!wrong.empty()) return "forwards: " + wrong;
  wrong = walk(cursor, model.rbegin(), model.rend(), cursor.previous(),
               [&] { return cursor.previous(); });
  if (!wrong.empty()) return "backwards: " + wrong;
  for (const auto& [key, entry] : model) {
    bool same = false;
    const auto found =
        tree.get(key, [&, &e = entry](const RecordView& r) { same = r.value == e.value; });
    if (!found.ok() || !*found || !same) return "get of " + shown(key);
  }
  return {};
}

// Where each kind of seek lands, against the map's own bounds.
std::string wrong_seeks(BTree& tree, const TreeModel& model, const Shape& shape, Prng& random) {
  TreeCursor cursor(tree);
  std::string wrong;
  for (int i = 0; i < 50 && wrong.empty(); ++i) {
    std::string key = key_of(shape, random.below(shape.key_space));
    if (random.chance(0.3)) key.resize(random.between(1, key.size()));
    const auto lower = model.lower_bound(key);
    const auto upper = model.upper_bound(key);
    const auto expect = [&](Seek mode, TreeModel::const_iterator at, bool exists) {
      const auto on = cursor.seek(key, mode);
      const bool right = on.ok() && *on == exists && (!exists || cursor.record().key == at->first);
      if (!right) wrong = "seek of " + shown(key) + " in mode " + std::to_string(int(mode));
    };
    expect(Seek::at_or_after, lower, lower != model.end());
    expect(Seek::after, upper, upper != model.end());
    expect(Seek::before, lower == model.begin() ? lower : std::prev(lower), lower != model.begin());
    expect(Seek::at_or_before, upper == model.begin() ? upper : std::prev(upper),
           upper != model.begin());
  }
  return wrong;
}

std::string damage(PageStore& store, const TreeRoot& root, const TreeModel& model) {
  const auto report = check_tree(store, root);
  if (!report.ok()) return report.status().to_string();
  if (report->records != model.size()) return std::to_string(report->records) + " records";
  return {};
}

// A history of `steps` changes: growing for a while, then shrinking, so that there are merges as
// well as splits.
std::string run_history(Node& node, const Shape& shape, uint64_t seed, int steps) {
  const auto store = open_store(node);
  const TreeRoot root = make_tree(*store);
  BTree tree(*store, root);
  TreeModel model;
  Prng random(seed);
  Shape now = shape;
  for (int i = 0; i < steps; ++i) {
    now.insert_share = i < steps * 2 / 3 ? shape.insert_share : 0.1;
    step(tree, model, now, random);
  }
  std::string wrong = damage(*store, root, model);
  if (wrong.empty()) wrong = differences(tree, model);
  if (wrong.empty()) wrong = wrong_seeks(tree, model, shape, random);
  if (!wrong.empty()) return wrong;
  for (const auto& [key, entry] : model) CHECK(remove(tree, key));
  return damage(*store, root, {});
}

class BTreeProperty : public testing::TestWithParam<Shape> {};

TEST_P(BTreeProperty, BehavesLikeAMap) {
  const bool ok = rc::check([](uint64_t seed) {
    const int steps = *rc::gen::inRange(1, 3000);
    std::string wrong;
    on_node([&](Node& node) { wrong = run_history(node, GetParam(), seed, steps); });
    if (!wrong.empty()) RC_FAIL(wrong);
  });
  EXPECT_TRUE(ok);
}

INSTANTIATE_TEST_SUITE_P(Shapes, BTreeProperty,
                         testing::Values(Shape{300, 0, 100, 0.6}, Shape{100000, 0, 200, 0.8},
                                         Shape{4000, 30, 2000, 0.7}, Shape{2000, 3064, 100, 0.8},
                                         Shape{200, 1000, 7000, 0.6}),
                         [](const auto& shape) { return "shape" + std::to_string(shape.index); });

// Loads what the model has from `cut` on behind the rest, which was inserted; then changes go on.
RC_GTEST_PROP(BulkLoadProperty, IsATreeLikeAnyOther, (uint64_t seed)) {
  const int count = *rc::gen::inRange(0, 3000);
  std::string wrong;
  on_node([&](Node& node) {
    Prng random(seed);
    const Shape shape{100000, random.chance(0.2) ? 1000u : 10u, random.chance(0.2) ? 6000u : 150u,
                      0.5};
    const auto store = open_store(node);
    const TreeRoot root = make_tree(*store);
    BTree tree(*store, root);
    TreeModel model;
    for (int i = 0; i < count; ++i) {
      model[key_of(shape, random.below(shape.key_space))] = {
          std::string(random.below(shape.value_bytes), 'v'), 0};
    }
    const size_t inserted = random.chance(0.5) ? 0 : random.below(model.size() + 1);
    const auto cut = std::next(model.begin(), static_cast<std::ptrdiff_t>(inserted));
    for (auto at = model.begin(); at != cut; ++at) put(tree, at->first, at->second.value);
    BulkLoader loader(tree);
    for (auto at = cut; at != model.end(); ++at) {
      CHECK_OK(loader.add(at->first, at->second.value, at->second.flags));
    }
    CHECK_OK(loader.finish());
    wrong = damage(*store, root, model);
    if (wrong.empty()) wrong = differences(tree, model);
    for (int i = 0; i < 500 && wrong.empty(); ++i) step(tree, model, shape, random);
    if (wrong.empty()) wrong = damage(*store, root, model);
  });
  if (!wrong.empty()) RC_FAIL(wrong);
}

TEST(BulkLoad, FillsPagesAndRefusesDisorder) {
  on_node([](Node& node) {
    const auto store = open_store(node);
    const TreeRoot root = make_tree(*store);
    BTree tree(*store, root);
    {
      BulkLoader loader(tree);
      for (uint64_t i = 0; i < 20000; ++i) CHECK_OK(loader.add(be_key(i), std::string(100, 'v')));
      EXPECT_EQ(loader.add(be_key(19999), "").code(), Code::duplicate_key);
      EXPECT_EQ(loader.add(be_key(5), "").code(), Code::invalid_argument);
      CHECK_OK(loader.finish());
    }
    const auto report = check_tree(*store, root);
    ASSERT_TRUE(report.ok()) << report.status().to_string();
    EXPECT_GT(report->fill(), 0.92);
    BulkLoader again(tree);
    CHECK_OK(again.add(be_key(19999), ""));
    EXPECT_EQ(again.finish().code(), Code::duplicate_key);
  });
}

TEST(BTree, SurvivesACrash) {
  on_node([](Node& node) {
    TreeModel model;
    TreeRoot root;
    Prng random(1);
    const Shape shape{3000, 0, 300, 0.7};
    {
      const auto store = open_store(node);
      root = make_tree(*store);
      BTree tree(*store, root);
      for (int i = 0; i < 8000; ++i) step(tree, model, shape, random);
      store->log().flush_to(store->log().end());
    }
    const auto store = open_store(node);
    BTree tree(*store, root);
    EXPECT_EQ(damage(*store, root, model), "");
    EXPECT_EQ(differences(tree, model), "");
  });
}

double fill_after(Node& node, const std::vector<uint64_t>& order) {
  const auto store = open_store(node, small_store(512));
  const TreeRoot root = make_tree(*store);
  BTree tree(*store, root);
  for (const uint64_t n : order) put(tree, be_key(n), std::string(100, 'v'));
  const auto report = check_tree(*store, root);
  CHECK_OK(report);
  CHECK_OK(store->close());
  return report->fill();
}

TEST(BTree, InsertsInOrderFillTheirPages) {
  std::vector<uint64_t> order;
  for (uint64_t i = 0; i < 20000; ++i) order.push_back(i);
  on_node([&](Node& node) { EXPECT_GT(fill_after(node, order), 0.92) << "ascending"; });
  std::reverse(order.begin(), order.end());
  on_node([&](Node& node) { EXPECT_GT(fill_after(node, order), 0.92) << "descending"; });
  // Several ascending streams at once, as keys made of (customer, number).
  order.clear();
  for (uint64_t i = 0; i < 2000; ++i) {
    for (uint64_t stream = 0; stream < 10; ++stream) order.push_back(stream * 1000000 + i);
  }
  on_node([&](Node& node) { EXPECT_GT(fill_after(node, order), 0.6) << "ten streams"; });
}

TEST(BTree, RefusesWhatCannotBeARecord) {
  on_node([](Node& node) {
    const auto store = open_store(node);
    BTree tree(*store, make_tree(*store));
    const auto outcome = [&](std::string_view key, size_t value_bytes) {
      Change change = Change::put(std::string(value_bytes, 'v'));
      const auto done = tree.modify(key, change);
      EXPECT_EQ(change.finished(), done.ok() ? 1 : 0);
      return done.code();
    };
    EXPECT_EQ(outcome("", 1), Code::invalid_argument);
    EXPECT_EQ(outcome(std::string(3073, 'k'), 1), Code::invalid_argument);
    EXPECT_EQ(outcome(std::string(3072, 'k'), 1), Code::ok);
    EXPECT_EQ(outcome("key", index_format::kMaxRecordBytes - 3), Code::ok);
    EXPECT_EQ(outcome("kez", index_format::kMaxRecordBytes - 2), Code::too_large);
  });
}

}  // namespace
}  // namespace aftersync::storage
