// Shapes of tables, and the weights of statements.
#include "model/txn/random_schedule.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "core/base/prng.h"

namespace aftersync::model::txn {
namespace {

struct Index {
  std::string name;
  std::vector<std::string> columns;
};

struct Shape {
  std::string definition;
  std::vector<std::string> columns;
  size_t key_columns;  // the first ones, which are not NULL
  std::vector<Index> indexes;
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes = {
      {"id int primary key, k int, c int, key k (k)",
       {"id", "k", "c"},
       1,
       {{"primary", {"id"}}, {"k", {"k"}}}},
      {"id int primary key, u int, c int, unique key u (u)",
       {"id", "u", "c"},
       1,
       {{"primary", {"id"}}, {"u", {"u"}}}},
      {"id int primary key, u int, k int, c int, unique key u (u), key k (k)",
       {"id", "u", "k", "c"},
       1,
       {{"primary", {"id"}}, {"u", {"u"}}, {"k", {"k"}}}},
      {"a int, b int, c int, primary key (a, b), key c (c)",
       {"a", "b", "c"},
       2,
       {{"primary", {"a", "b"}}, {"c", {"c"}}}},
      {"id int primary key, k int, key k (k)", {"id", "k"}, 1, {{"primary", {"id"}}, {"k", {"k"}}}},
      {"id int primary key, u int, v int, unique key u (u, v)",
       {"id", "u", "v"},
       1,
       {{"primary", {"id"}}, {"u", {"u", "v"}}}},
  };
  return kShapes;
}

constexpr uint64_t kLargest = 12;  // value in a row

// Draws words from numbers.
class Draw {
 public:
  explicit Draw(uint64_t seed, uint64_t stream) : prng_(seed, stream) {}

  bool chance(double probability) { return prng_.chance(probability); }
  uint64_t between(uint64_t low, uint64_t high) { return prng_.between(low, high); }
  template <typename T>
  const T& among(const std::vector<T>& items) {
    return items[prng_.below(items.size())];
  }
  std::string word(std::initializer_list<const char*> words) {
    return *(words.begin() + prng_.below(words.size()));
  }
  // The place of one of the weights.
  size_t weighted(std::initializer_list<uint64_t> weights) {
    uint64_t all = 0;
    for (const uint64_t weight : weights) all += weight;
    uint64_t left = prng_.below(all);
    size_t place = 0;
    for (const uint64_t weight : weights) {
      if (left < weight) break;
      left -= weight;
      ++place;
    }
    return place;
  }

 private:
  Prng prng_;
};

std::string text(uint64_t number) { return std::to_string(number); }

std::string tuple(const std::vector<std::string>& values) {
  std::string joined;
  for (const std::string& value : values) joined += (joined.empty() ? "(" : ", ") + value;
  return joined + ")";
}

// The statements of one step.
class Maker {
 public:
  Maker(Draw draw, const Shape& shape, bool purges) : draw_(draw), shape_(shape), purges_(purges) {}

  std::string statement() {
    switch (draw_.weighted({30, 28, 20, 12, 10, 5, purges_ ? 8U : 0U})) {
      case 0: return select();
      case 1: return update();
      case 2: return insert();
      case 3: return "delete from t" + where().condition;
      case 4: return draw_.word({"commit", "commit", "rollback", "begin"});
      case 5:
        return draw_.word({"savepoint a", "savepoint b", "rollback to a", "rollback to b",
                           "release savepoint a"});
      default: return "purge";
    }
  }

  std::string value(size_t column) {
    if (column >= shape_.key_columns && draw_.chance(0.08)) return "null";
    return text(draw_.between(1, kLargest));
  }

 private:
  struct Found {
    std::string index;
    std::string column;     // its first one
    std::string condition;  // " where ...", or nothing
  };

  std::string select() {
    const Found found = where();
    std::string statement = "select * from t force index (" + found.index + ")" + found.condition;
    if (!found.condition.empty() && draw_.chance(0.15)) {
      statement += " order by " + found.column + " desc";
      if (draw_.chance(0.3)) statement += " limit 1";
    }
    const size_t lock = draw_.weighted({purges_ ? 0U : 25U, 45, 30});
    if (lock == 0) return statement;
    statement += lock == 1 ? " for update" : " lock in share mode";
    return draw_.chance(0.12) ? statement + draw_.word({" nowait", " skip locked"}) : statement;
  }

  std::string update() {
    const Found found = where();
    const size_t column = draw_.between(0, shape_.columns.size() - 1);
    const std::string& name = shape_.columns[column];
    const std::string to = draw_.chance(0.6)
                               ? value(column)
                               : name + draw_.word({" + ", " - "}) + text(draw_.between(1, 5));
    return "update t force index (" + found.index + ") set " + name + " = " + to + found.condition;
  }

  std::string insert() {
    std::string statement = "insert into t values ";
    const size_t rows = draw_.chance(0.2) ? 2 : 1;
    for (size_t row = 0; row < rows; ++row) {
      std::vector<std::string> values;
      for (size_t column = 0; column < shape_.columns.size(); ++column) {
        values.push_back(value(column));
      }
      statement += (row == 0 ? "" : ", ") + tuple(values);
    }
    return statement;
  }

  // An index, and a condition on its first column; or no condition at all.
  Found where() {
    const Index& index = draw_.among(shape_.indexes);
    if (draw_.chance(0.08)) return {"primary", shape_.columns[0], ""};
    std::string condition = this->condition(index.columns[0]);
    if (index.columns.size() > 1 && condition.find(" = ") != std::string::npos &&
        draw_.chance(0.6)) {
      condition += " and " + this->condition(index.columns[1]);
    }
    const std::string& last = shape_.columns.back();
    const bool indexed = std::ranges::any_of(shape_.indexes, [&](const Index& one) {
      return std::ranges::find(one.columns, last) != one.columns.end();
    });
    if (!indexed && draw_.chance(0.15)) {
      condition += " and " + last + " <> " + text(draw_.between(1, kLargest));
    }
    return {index.name, index.columns[0], " where " + condition};
  }

  std::string condition(const std::string& column) {
    const uint64_t value = draw_.between(0, kLargest + 1);
    const auto at = std::ranges::find(shape_.columns, column) - shape_.columns.begin();
    const bool nullable = static_cast<size_t>(at) >= shape_.key_columns;
    switch (draw_.weighted({50, 30, 15, 5})) {
      case 0: return column + " = " + text(value);
      case 1: return column + draw_.word({" < ", " <= ", " > ", " >= "}) + text(value);
      case 3:
        if (nullable) return column + " is null";
        [[fallthrough]];
      default:
        return column + " between " + text(value) + " and " + text(value + draw_.between(1, 5));
    }
  }

  Draw draw_;
  const Shape& shape_;
  const bool purges_;
};

// Different numbers, in random order.
std::vector<uint64_t> sample(Draw& draw, std::vector<uint64_t> from, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    std::swap(from[i], from[draw.between(i, from.size() - 1)]);
  }
  from.resize(count);
  return from;
}

// Streams of one seed: what is drawn in one place does not depend on the others.
constexpr uint64_t kOfShape = 0;
constexpr uint64_t kOfRows = 1;
constexpr uint64_t kOfBeginnings = 2;
constexpr uint64_t kOfSteps = 3;
constexpr uint64_t kOfValues = 4;

}  // namespace

RandomSchedule::RandomSchedule(uint64_t seed, Defaults settings, SessionId most_sessions)
    : seed_(seed), settings_(settings) {
  Draw draw(seed, kOfShape);
  shape_ = draw.between(0, shapes().size() - 1);
  sessions_ = static_cast<SessionId>(draw.between(2, most_sessions));
  purges_ = !settings.snapshot_isolation && draw.chance(0.25);
}

std::vector<std::string> RandomSchedule::setup() const {
  const Shape& shape = shapes()[shape_];
  Draw draw(seed_, kOfRows);
  Maker maker(Draw(seed_, kOfValues), shape, purges_);
  const size_t count = draw.between(1, 5);
  std::vector<uint64_t> keys = sample(draw, {2, 4, 6, 8, 10, 12}, count);
  std::sort(keys.begin(), keys.end());
  // The second column may have to be unique.
  const auto seconds = sample(draw, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, count);
  const bool null_first = shape.key_columns == 1 && draw.chance(0.2);
  std::string rows;
  for (size_t i = 0; i < count; ++i) {
    std::vector<std::string> row = {text(keys[i]),
                                    i == 0 && null_first ? "null" : text(seconds[i])};
    for (size_t column = 2; column < shape.columns.size(); ++column) {
      row.push_back(maker.value(column));
    }
    rows += (i == 0 ? "" : ", ") + tuple(row);
  }
  std::vector<std::string> statements = {"create table t (" + shape.definition + ")",
                                         "insert into t values " + rows};
  if (draw.chance(0.3)) {  // leaves a marked record behind
    statements.push_back("delete from t where " + shape.columns[0] + " = " +
                         text(draw.among(keys)));
  }
  return statements;
}

std::vector<std::string> RandomSchedule::beginnings() const {
  Draw draw(seed_, kOfBeginnings);
  std::vector<std::string> steps;
  for (SessionId session = 1; session <= sessions_; ++session) {
    if (!draw.chance(0.9)) continue;
    const std::string name = "T" + text(session) + ": ";
    const bool with_view = !purges_ && draw.chance(settings_.snapshot_isolation ? 0.3 : 0.15);
    steps.push_back(name + (with_view ? "start transaction with consistent snapshot" : "begin"));
    if (draw.chance(0.1)) steps.push_back(name + "savepoint a");
  }
  return steps;
}

std::string RandomSchedule::step(uint64_t number) const {
  Draw draw(seed_ ^ number, kOfSteps);
  const std::string session = "T" + text(draw.between(1, sessions_));
  if (draw.chance(0.02)) return session + " times out";
  return session + ": " + Maker(draw, shapes()[shape_], purges_).statement();
}

std::string RandomSchedule::script(const std::vector<uint64_t>& steps,
                                   std::string_view rules) const {
  std::string script = "tables\n";
  for (const std::string& statement : setup()) script += "  " + statement + "\n";
  script += "\nat " + std::string(to_string(settings_.isolation)) + "; snapshot isolation " +
            (settings_.snapshot_isolation ? "on" : "off");
  if (!rules.empty()) script += "; rules " + std::string(rules);
  script += "\nshows: a random schedule\n";
  for (const std::string& step : beginnings()) script += "  " + step + "\n";
  for (const uint64_t number : steps) script += "  " + step(number) + "\n";
  return script;
}

std::string random_script(uint64_t seed, uint64_t number, std::string_view rules) {
  Prng prng(seed, number);
  const Defaults settings = {static_cast<Isolation>(number / 2 % 4), number % 2 == 1};
  const RandomSchedule schedule(prng.next(), settings);
  std::vector<uint64_t> steps(prng.between(6, 16));
  for (uint64_t& step : steps) step = prng.next();
  return schedule.script(steps, rules);
}

}  // namespace aftersync::model::txn
