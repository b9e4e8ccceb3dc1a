// Consistent reads beside a model in which versions are whole copies of the table: several
// transactions of all levels write, fail, roll back and commit, purge runs whenever it likes, and
// every read, by key and along each index both ways, must be what the copy says.
#include "core/txn/consistent_read.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proptests/support/on_node.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync::txn {
namespace {

using Action = std::array<uint8_t, 4>;
using Numbers = std::map<int64_t, int64_t>;  // id to v
using Direction = ConsistentScan::Direction;

constexpr int64_t kIds = 8;
constexpr int64_t kValues = 4;
constexpr size_t kSlots = 4;

struct Slot {
  std::unique_ptr<Transaction> trx;
  Isolation isolation{};
  std::optional<Numbers> snapshot;                // of REPEATABLE READ, once it has read
  std::map<int64_t, std::optional<int64_t>> own;  // what it has written
};

class Schedule {
 public:
  Schedule(Database& database, storage::Table& table) : database_(database), table_(table) {}
  ~Schedule() {
    for (Slot& slot : slots_) {
      if (slot.trx) CHECK_OK(slot.trx->rollback());
    }
    const auto clean = database_.begin();
    for (const auto& [id, v] : committed_) CHECK_OK(erase(*clean, table_, id));
    CHECK_OK(clean->commit());
    CHECK_OK(database_.engine().purge(SIZE_MAX));
  }

  // What is wrong after this step; empty: nothing.
  std::string step(const Action& action) {
    Slot& slot = slots_[action[1] % kSlots];
    if (!slot.trx) {
      begin(slot, static_cast<Isolation>(action[0] % 3));
      return {};
    }
    switch (action[0] % 16) {
      default: write(slot, action); return {};
      case 8:
      case 9:
      case 10: return read(slot, action);
      case 11: CHECK_OK(database_.engine().purge(1 + action[2] % 8)); return {};
      case 12:
      case 13: commit(slot); return {};
      case 14:
        CHECK_OK(slot.trx->rollback());
        slot = Slot();
        return {};
      case 15: fail_statement(slot, action); return {};
    }
  }

 private:
  void begin(Slot& slot, Isolation isolation) {
    slot.isolation = isolation;
    slot.trx = database_.begin({.isolation = isolation});
  }

  void commit(Slot& slot) {
    for (const auto& [id, v] : slot.own) apply(committed_, id, v);
    CHECK_OK(slot.trx->commit());
    slot = Slot();
  }

  // Rows are written by one transaction at a time: there are no locks here to see to it.
  bool may_write(const Slot& slot, int64_t id) const {
    return std::none_of(slots_.begin(), slots_.end(), [&](const Slot& other) {
      return &other != &slot && other.own.contains(id);
    });
  }

  void write(Slot& slot, const Action& action) {
    const int64_t id = action[2] % kIds;
    if (!may_write(slot, id)) return;
    Numbers now = committed_;
    for (const auto& [own_id, v] : slot.own) apply(now, own_id, v);
    if (action[3] % 4 == 0) {
      if (!now.contains(id)) return;
      CHECK_OK(erase(*slot.trx, table_, id));
      slot.own[id] = std::nullopt;
    } else {
      CHECK_OK(put(*slot.trx, table_, id, action[3] % kValues));
      slot.own[id] = action[3] % kValues;
    }
  }

  void fail_statement(Slot& slot, const Action& action) {
    const auto before = slot.own;
    {
      const Statement statement(*slot.trx);
      write(slot, action);
      write(slot, {action[0], action[1], static_cast<uint8_t>(action[2] + 1), action[3]});
    }
    slot.own = before;
  }

  // What the transaction must see now.
  Numbers expected(Slot& slot) {
    Numbers seen = committed_;
    if (slot.isolation == Isolation::repeatable_read) {
      if (!slot.snapshot) slot.snapshot = committed_;
      seen = *slot.snapshot;
    }
    for (const Slot& other : slots_) {
      if (&other != &slot && slot.isolation != Isolation::read_uncommitted) continue;
      for (const auto& [id, v] : other.own) apply(seen, id, v);
    }
    return seen;
  }

  std::string read(Slot& slot, const Action& action) {
    Statement statement(*slot.trx);
    const Numbers seen = expected(slot);
    const int64_t low = action[2] % kIds;
    const int64_t high = low + action[3] % kIds;
    std::string wrong;
    for (int64_t id = 0; id < kIds && wrong.empty(); ++id) wrong = get(slot, seen, id);
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      if (wrong.empty()) wrong = scan(slot, seen, 0, low, high, direction);
      if (wrong.empty()) wrong = scan(slot, seen, 1, low % kValues, high % kValues, direction);
    }
    statement.end();
    return wrong;
  }

  std::string get(Slot& slot, const Numbers& seen, int64_t id) {
    const auto row = consistent_get(*slot.trx, table_, key_of(table_, id));
    CHECK_OK(row);
    const auto at = seen.find(id);
    const bool right = at == seen.end() ? !*row : *row && **row == row_of(id, at->second);
    return right ? "" : "row " + std::to_string(id);
  }

  // Column `column` from low to high, both included.
  std::string scan(Slot& slot, const Numbers& seen, size_t column, int64_t low, int64_t high,
                   Direction direction) {
    std::vector<std::pair<int64_t, int64_t>> rows;  // (sort column, id)
    for (const auto& [id, v] : seen) {
      const int64_t value = column == 0 ? id : v;
      if (value >= low && value <= high) rows.push_back({value, id});
    }
    std::sort(rows.begin(), rows.end());
    if (direction == Direction::backward) std::reverse(rows.begin(), rows.end());
    const auto bound = [&](int64_t value) {
      std::string key;
      const auto& part = table_.def().indexes[column].parts[0];
      CHECK_OK(storage::append_key_part(part, storage::ValueView(value), key));
      return key;
    };
    ConsistentScan scan(*slot.trx, table_, column, {bound(low), bound(high + 1)}, direction);
    for (const auto& [value, id] : rows) {
      const auto found = scan.next();
      CHECK_OK(found);
      if (!*found || scan.row() != row_of(id, seen.at(id))) return failed(column, direction);
    }
    const auto more = scan.next();
    CHECK_OK(more);
    return *more ? failed(column, direction) : "";
  }

  static std::string failed(size_t column, Direction direction) {
    return std::string("a scan ") + (direction == Direction::forward ? "forward" : "backward") +
           " along index " + std::to_string(column);
  }

  static void apply(Numbers& to, int64_t id, const std::optional<int64_t>& v) {
    if (v) {
      to[id] = *v;
    } else {
      to.erase(id);
    }
  }

  Database& database_;
  storage::Table& table_;
  Numbers committed_;
  std::array<Slot, kSlots> slots_;
};

TEST(ConsistentRead, SeesWhatTheModelSees) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(with_index(numbers_table("t"), 1, false));
    const bool ok = rc::check([&](const std::vector<Action>& head) {
      const auto tail = *rc::gen::resize(200, rc::gen::arbitrary<std::vector<Action>>());
      Schedule schedule(database, *table);
      for (const auto* part : {&head, &tail}) {
        for (const Action& action : *part) {
          const std::string wrong = schedule.step(action);
          if (!wrong.empty()) RC_FAIL(wrong);
        }
      }
    });
    EXPECT_TRUE(ok) << "replay with the RC_PARAMS that RapidCheck prints";
  });
}

// A long row, of which the view needs the version before the last.
TEST(ConsistentRead, LongRowsHaveVersionsToo) {
  on_node([](Node& node) {
    Database database(node);
    storage::TableDef def = numbers_table("t");
    def.columns[1].type = storage::ColumnType::bytes;
    const auto table = database.create(def);
    const std::string key = key_of(*table, 1);
    const auto write = [&](char fill) {
      const auto trx = database.begin();
      CHECK_OK(trx->become_writer());
      storage::RowStore& rows = database.engine().rows();
      const storage::Row row = {int64_t{1}, std::string(50'000, fill), int64_t{0}};
      std::string made;
      CHECK_OK(fill == 'a' ? rows.insert(trx->undo(), *table, row, 0, made)
                           : rows.update(trx->undo(), *table, key, row));
      CHECK_OK(trx->commit());
    };
    write('a');
    const auto reader = database.begin();
    CHECK_OK(reader->take_snapshot());
    write('b');
    write('c');
    CHECK_OK(database.engine().purge(SIZE_MAX));
    const auto row = consistent_get(*reader, *table, key);
    CHECK_OK(row);
    EXPECT_EQ(std::get<std::string>((**row)[1]), std::string(50'000, 'a'));
    ConsistentScan scan(*reader, *table, 0, {});
    const auto found = scan.next();
    CHECK_OK(found);
    EXPECT_TRUE(*found);
    EXPECT_EQ(std::get<std::string>(scan.row()[1]), std::string(50'000, 'a'));
    CHECK_OK(reader->commit());
    EXPECT_EQ(consistent_get(*reader, *table, key).code(), Code::bad_state);
    EXPECT_EQ(scan.next().code(), Code::bad_state);
  });
}

}  // namespace
}  // namespace aftersync::txn
