// The structure checker must see every kind of damage that it claims to look for: a tree is made,
// something is broken in it, and the checker has to say what.
#include "core/storage/tree_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/storage/index_ops.h"
#include "core/storage/overflow.h"
#include "proptests/storage/tree_fixture.h"

namespace aftersync::storage {
namespace {

// A tree of three levels with long values, and the means to break it.
struct Victim {
  explicit Victim(Node& node) : store(open_store(node, small_store(512))), root(make_tree(*store)) {
    BTree tree(*store, root);
    for (uint64_t i = 0; i < 2000; ++i) put(tree, key(i), std::string(100, 'v'));
    const std::string record = long_record('1');
    put(tree, key(5), record, index_format::kOverflow);
  }
  static std::string key(uint64_t i) { return std::string(600, 'k') + be_key(i); }
  std::string long_record(char c) {
    auto record = write_overflow(*store, root, std::string(50000, c), 1);
    CHECK_OK(record);
    return *record;
  }
  // The leftmost node on `level`, or the one `slot` children to the right under the same parent.
  PageNo node_at(uint16_t level, uint16_t slot) {
    PageNo no = root.root;
    while (true) {
      const PinBudget budget(store->pool(), kReadPins);
      auto page = store->pool().fetch({kTestSpace, no}, Latch::shared, PageType::index);
      CHECK_OK(page);
      const SlottedPage view(page->bytes());
      if (view.level() == level) return no;
      no = view.child(view.level() == level + 1 ? slot : uint16_t{0});
    }
  }
  void change(PageNo no, const std::function<void(Mtr&, Frame*)>& how) {
    Mtr mtr(*store, kLargeMtr);
    auto frame = mtr.fetch({kTestSpace, no}, Latch::exclusive, PageType::index);
    CHECK_OK(frame);
    how(mtr, *frame);
  }

  std::unique_ptr<PageStore> store;
  TreeRoot root;
};

struct Damage {
  const char* name;
  std::function<void(Victim&)> inflict;
  const char* said;  // part of the message
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

class TreeCheckDamage : public testing::TestWithParam<Damage> {};

TEST_P(TreeCheckDamage, IsSeen) {
  on_node([](Node& node) {
    Victim victim(node);
    const auto before = check_tree(*victim.store, victim.root);
    ASSERT_TRUE(before.ok()) << before.status().to_string();
    ASSERT_EQ(before->levels, 3);
    GetParam().inflict(victim);
    const auto after = check_tree(*victim.store, victim.root);
    ASSERT_FALSE(after.ok());
    EXPECT_EQ(after.code(), Code::corruption);
    EXPECT_NE(after.status().to_string().find(GetParam().said), std::string::npos)
        << after.status().to_string();
  });
}

void erase_slot(Victim& v, uint16_t level, uint16_t node, uint16_t slot) {
  v.change(v.node_at(level, node), [&](Mtr& mtr, Frame* f) { index_ops::erase(mtr, f, slot); });
}

void set_link(Victim& v, uint16_t slot, size_t at, PageNo to) {
  v.change(v.node_at(0, slot), [&](Mtr& mtr, Frame* f) { mtr.set(f, at, to.value()); });
}

void empty_leaf(Victim& v) {
  v.change(v.node_at(0, 2), [](Mtr& mtr, Frame* f) { index_ops::truncate(mtr, f, 0); });
}

void same_child_twice(Victim& v) {
  const PageNo first = v.node_at(0, 1);
  v.change(v.node_at(1, 0), [&](Mtr& mtr, Frame* f) {
    char number[4];
    store_be(number, first.value());
    index_ops::replace(mtr, f, 2, {number, 4}, 0);
  });
}

void key_beyond_fence(Victim& v, bool below) {
  v.change(v.node_at(0, 2), [&](Mtr& mtr, Frame* f) {
    const auto count = SlottedPage(f->bytes()).slots();
    index_ops::erase(mtr, f, 0);
    if (below) {
      index_ops::insert(mtr, f, 0, "a", "", 0);
    } else {
      index_ops::insert(mtr, f, static_cast<uint16_t>(count - 1), "z", "", 0);
    }
  });
}

void wrong_first_key(Victim& v) {
  v.change(v.node_at(1, 1), [](Mtr& mtr, Frame* f) {
    const SlottedPage page(f->bytes());
    const std::string child(page.record(0).value);
    const std::string key = std::string(page.key(0)) + "x";
    index_ops::erase(mtr, f, 0);
    index_ops::insert(mtr, f, 0, key, child, 0);
  });
}

void lost_pages(Victim& v, SegmentNo segment) {
  const SegmentNeed need{segment, 1};
  auto reservation = SpaceAllocator(*v.store).reserve(kTestSpace, {&need, 1});
  CHECK_OK(reservation);
  Mtr mtr(*v.store);
  auto page = SpaceAllocator(*v.store).allocate(mtr, kTestSpace, segment, kNoPage, *reservation);
  CHECK_OK(page);
  mtr.init_page(*page, PageType::index);
}

void in_overflow(Victim& v, size_t at, char byte) {
  std::string record;
  BTree tree(*v.store, v.root);
  CHECK_OK(tree.get(Victim::key(5), [&](const RecordView& r) { record = r.value; }));
  const auto reference = overflow_reference(record);
  CHECK_OK(reference);
  Mtr mtr(*v.store);
  auto page = mtr.fetch({kTestSpace, reference->first}, Latch::exclusive, PageType::overflow);
  CHECK_OK(page);
  mtr.set_bytes(*page, at, {&byte, 1});
}

void chain_shared(Victim& v) {
  BTree tree(*v.store, v.root);
  std::string record;
  CHECK_OK(tree.get(Victim::key(5), [&](const RecordView& r) { record = r.value; }));
  put(tree, Victim::key(6), record, index_format::kOverflow);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, TreeCheckDamage,
    testing::Values(
        Damage{"hint_of_a_slot",
               [](Victim& v) {
                 v.change(v.node_at(0, 1),
                          [](Mtr& mtr, Frame* f) { mtr.set_bytes(f, kPageTrailerAt - 8, "x"); });
               },
               "hint"},
        Damage{"index_id",
               [](Victim& v) {
                 v.change(v.node_at(0, 1), [](Mtr& mtr, Frame* f) {
                   mtr.set(f, index_format::kIndexIdAt, uint64_t{8});
                 });
               },
               "belongs to index 8"},
        Damage{"level",
               [](Victim& v) {
                 v.change(v.node_at(1, 1), [](Mtr& mtr, Frame* f) {
                   mtr.set(f, index_format::kLevelAt, uint16_t{2});
                 });
               },
               "level 2, expected 1"},
        Damage{"next_link", [](Victim& v) { set_link(v, 1, kPageNextAt, PageNo(3)); }, "next page"},
        Damage{"prev_link", [](Victim& v) { set_link(v, 1, kPagePrevAt, PageNo(3)); },
               "previous page"},
        Damage{"node_without_parent", [](Victim& v) { erase_slot(v, 1, 0, 2); }, "page"},
        Damage{"empty_leaf", empty_leaf, "empty node"},
        Damage{"same_child_twice", same_child_twice, "reached twice"},
        Damage{"key_below_fence", [](Victim& v) { key_beyond_fence(v, true); }, "below the parent"},
        Damage{"key_above_fence", [](Victim& v) { key_beyond_fence(v, false); },
               "not below that of the node to the right"},
        Damage{"first_key_of_inner_node", wrong_first_key, "differs from the parent"},
        Damage{"lost_leaf_page", [](Victim& v) { lost_pages(v, v.root.leaves); },
               "leaf segment owns"},
        Damage{"lost_inner_page", [](Victim& v) { lost_pages(v, v.root.inner); },
               "inner segment owns"},
        Damage{"overflow_bytes", [](Victim& v) { in_overflow(v, 100, '2'); }, "checksum"},
        Damage{"overflow_position", [](Victim& v) { in_overflow(v, 47, 1); }, "part expected"},
        Damage{"overflow_length", [](Victim& v) { in_overflow(v, 43, 9); }, "part"},
        Damage{"overflow_index", [](Victim& v) { in_overflow(v, 39, 9); }, "another index"},
        Damage{"overflow_chain_ends", [](Victim& v) { in_overflow(v, 28, '\xff'); }, "page"},
        Damage{"overflow_chain_shared", chain_shared, "two overflow chains"}),
    [](const auto& damage) { return damage.param.name; });

TEST(Overflow, LongValuesComeBackAndTheirPagesToo) {
  on_node([](Node& node) {
    const auto store = open_store(node);
    const TreeRoot root = make_tree(*store);
    for (const size_t bytes : {size_t{257}, size_t{16328 + 256}, size_t{16329 + 256},
                               size_t{500000}, size_t{16 * 1024 * 1024 - 1}}) {
      std::string value(bytes, '\0');
      for (size_t i = 0; i < bytes; ++i) value[i] = static_cast<char>(i * 31 / 7);
      const auto record = write_overflow(*store, root, value, 17);
      ASSERT_TRUE(record.ok()) << record.status().to_string();
      EXPECT_LE(record->size(), 300u);
      const auto back = read_overflow(*store, root, *record);
      ASSERT_TRUE(back.ok()) << back.status().to_string();
      EXPECT_EQ(*back, value);
      CHECK_OK(free_overflow(*store, root, *record));
      EXPECT_EQ(SpaceAllocator(*store).usage(kTestSpace, root.overflow)->pages, 0u);
    }
    EXPECT_EQ(write_overflow(*store, root, std::string(20 << 20, 'x'), 1).code(), Code::too_large);
  });
}

}  // namespace
}  // namespace aftersync::storage
