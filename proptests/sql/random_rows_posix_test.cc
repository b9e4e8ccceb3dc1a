// Random statements against a table, and against a plain map that stands for it.
//
// The map knows nothing of indexes, ranges, undo or plans: a condition is a function of a row. So
// whatever access path a statement takes, it must find the rows that a look at every row finds, and
// leave what the map has.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "proptests/sql/script_run.h"
#include "proptests/support/on_node.h"

namespace aftersync {
namespace {

constexpr int kKeys = 12;
constexpr int kValues = 6;
constexpr int kMoves = 16;

struct ModelRow {
  std::optional<int> v;
  int w = 0;
};
using Model = std::map<int, ModelRow>;
using Matches = std::function<bool(int id, const ModelRow& row)>;

struct Condition {
  std::string text;
  Matches matches;
};

int pick(int low, int high) { return *rc::gen::inRange(low, high + 1); }

Condition simple_condition() {
  const int a = pick(-1, kKeys);
  const int b = pick(-1, kValues);
  const std::string x = std::to_string(a);
  const std::string y = std::to_string(b);
  switch (pick(0, 8)) {
    case 0: return {"id = " + x, [=](int id, const ModelRow&) { return id == a; }};
    case 1: return {"id > " + x, [=](int id, const ModelRow&) { return id > a; }};
    case 2: return {"id <= " + x + ".5", [=](int id, const ModelRow&) { return id <= a; }};
    case 3: return {"v = " + y, [=](int, const ModelRow& r) { return r.v && *r.v == b; }};
    case 4: return {"v IS NULL", [](int, const ModelRow& r) { return !r.v; }};
    case 5:
      return {"v <=> NULL OR v < " + y, [=](int, const ModelRow& r) { return !r.v || *r.v < b; }};
    case 6:
      return {"id IN (" + x + ", 3, " + y + ")",
              [=](int id, const ModelRow&) { return id == a || id == 3 || id == b; }};
    case 7:
      return {"v BETWEEN 1 AND " + y + " AND w <> 2",
              [=](int, const ModelRow& r) { return r.v && *r.v >= 1 && *r.v <= b && r.w != 2; }};
    default:
      return {"w = " + y + " AND v >= 2",
              [=](int, const ModelRow& r) { return r.w == b && r.v && *r.v >= 2; }};
  }
}

Condition condition() {
  Condition left = simple_condition();
  if (pick(0, 1) == 0) return left;
  Condition right = simple_condition();
  const bool both = pick(0, 1) == 0;
  return {"(" + left.text + ")" + (both ? " AND (" : " OR (") + right.text + ")",
          [=](int id, const ModelRow& row) {
            const bool a = left.matches(id, row);
            const bool b = right.matches(id, row);
            return both ? a && b : a || b;
          }};
}

std::string text_of(const std::optional<int>& value) {
  return value ? std::to_string(*value) : "NULL";
}

// A script, and the answers that the model gives to its SELECTs, in their order.
class Story {
 public:
  Story() {
    add("CREATE TABLE t (id INT PRIMARY KEY, v TINYINT, w INT NOT NULL, KEY (v), KEY (w, v DESC))");
    for (int i = pick(5, 40); i > 0; --i) step();
    select();
  }
  std::string script;
  std::vector<std::string> expected;

 private:
  void add(const std::string& statement) { script += "a> " + statement + "\n\n"; }

  void step() {
    switch (pick(0, 5)) {
      case 0:
      case 1: return insert();
      case 2: return update();
      case 3: return remove();
      case 4: return transaction();
      default: return select();
    }
  }

  void insert() {
    const int id = pick(0, kKeys);
    const ModelRow row{pick(0, 3) == 0 ? std::nullopt : std::optional(pick(0, kValues)),
                       pick(0, kValues)};
    const bool replaces = pick(0, 1) == 0;
    add(std::string(replaces ? "REPLACE" : "INSERT IGNORE") + " INTO t VALUES (" +
        std::to_string(id) + ", " + text_of(row.v) + ", " + std::to_string(row.w) + ")");
    if (replaces) {
      rows_.insert_or_assign(id, row);
    } else {
      rows_.try_emplace(id, row);
    }
  }

  void update() {
    const Condition where = condition();
    if (pick(0, 1) == 0 || moves_ == kMoves) {
      add("UPDATE t SET v = v + 1, w = 5 - w WHERE " + where.text);
      for (auto& [id, row] : rows_) {
        if (!where.matches(id, row)) continue;
        if (row.v) ++*row.v;
        row.w = 5 - row.w;
      }
      return;
    }
    // Moves rows along the index by which they may be found, to behind all that there are.
    const int by = 1000 << moves_++;
    add("UPDATE t SET id = id + " + std::to_string(by) + " WHERE " + where.text);
    Model moved;
    for (const auto& [id, row] : rows_) moved[where.matches(id, row) ? id + by : id] = row;
    rows_ = moved;
  }

  void remove() {
    const Condition where = condition();
    add("DELETE FROM t WHERE " + where.text);
    std::erase_if(rows_,
                  [&](const auto& entry) { return where.matches(entry.first, entry.second); });
  }

  void transaction() {
    if (saved_) {
      const bool keeps = pick(0, 1) == 0;
      add(keeps ? "COMMIT" : "ROLLBACK");
      if (!keeps) rows_ = *saved_;
      saved_.reset();
    } else {
      add("BEGIN");
      saved_ = rows_;
    }
  }

  void select() {
    const Condition where = condition();
    const bool descends = pick(0, 1) == 0;
    add("SELECT id, v, w FROM t WHERE " + where.text + " ORDER BY id" + (descends ? " DESC" : ""));
    std::vector<std::string> lines;
    for (const auto& [id, row] : rows_) {
      if (!where.matches(id, row)) continue;
      lines.push_back(std::to_string(id) + "\t" + text_of(row.v) + "\t" + std::to_string(row.w) +
                      "\n");
    }
    if (descends) std::reverse(lines.begin(), lines.end());
    std::string answer = "id\tv\tw\n";
    for (const std::string& line : lines) answer += line;
    expected.push_back(answer);
  }

  Model rows_;
  int moves_ = 0;
  std::optional<Model> saved_;
};

// The answers to the SELECTs of a transcript.
std::vector<std::string> answers_of(const std::string& transcript) {
  std::vector<std::string> answers;
  std::istringstream lines(transcript);
  bool in_select = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("a> ")) {
      in_select = line.starts_with("a> SELECT");
      if (in_select) answers.emplace_back();
    } else if (in_select && !line.empty()) {
      answers.back() += line + "\n";
    }
  }
  return answers;
}

RC_GTEST_PROP(SqlRows, StatementsFindAndChangeTheRowsThatAMapSays, ()) {
  const Story story;
  std::string transcript;
  on_node([&](Node& node) { transcript = run_script(node, story.script); });
  RC_LOG() << transcript;
  RC_ASSERT(answers_of(transcript) == story.expected);
}

}  // namespace
}  // namespace aftersync
