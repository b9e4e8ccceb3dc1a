// Histories: drawing one, and running it on both sides.
#include "proptests/storage/engine_history.h"

#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "core/storage/engine.h"
#include "faults/pair/agreement.h"
#include "faults/pair/statement.h"
#include "proptests/storage/store_fixture.h"

namespace aftersync::storage {

namespace {

using faults::Direction;
using faults::TablePair;
using model::Outcome;

constexpr size_t kLongestBytes = 1024 * 1024;

// A transaction that may go with its engine, unended, as none can that lives on the stack.
class OpenTransaction {
 public:
  OpenTransaction() = default;
  OpenTransaction(const OpenTransaction&) = delete;
  OpenTransaction& operator=(const OpenTransaction&) = delete;
  ~OpenTransaction() { CHECK(trx_ == nullptr); }

  Transaction& get() {
    if (trx_ == nullptr) trx_ = new (bytes_) Transaction;
    return *trx_;
  }
  void end() {
    if (trx_ != nullptr) trx_->~Transaction();
    trx_ = nullptr;
  }
  void vanish() { trx_ = nullptr; }

 private:
  alignas(Transaction) std::byte bytes_[sizeof(Transaction)];
  Transaction* trx_ = nullptr;
};

// One table, its transaction, and what the model knows of both.
struct Side {
  Side(Prng& prng, std::string name)
      : pair(prng, std::move(name), kLongestBytes),
        committed(pair.model_def()),
        working(committed),
        remembered(committed) {}

  TablePair pair;
  OpenTransaction trx;
  model::TableModel committed;
  model::TableModel working;
  model::TableModel remembered;  // at the savepoint
  RollPtr savepoint;
  uint32_t next_index = 100;

  // The transaction has ended; `now` is what it left.
  void settle(const model::TableModel& now) {
    committed = now;
    working = now;
    remembered = now;
    savepoint = RollPtr();
  }
};

class Run {
 public:
  Run(Node& node, const History& history) : node_(node), history_(history) {
    Prng prng(history.schemas);
    for (uint32_t i = 0; i < history.tables; ++i) {
      sides_.push_back(std::make_unique<Side>(prng, "t" + std::to_string(i)));
    }
  }
  ~Run() {
    for (const auto& side : sides_) side->trx.vanish();
  }

  std::string run() {
    std::string wrong = open();
    for (const auto& side : sides_) {
      if (wrong.empty()) wrong = said(engine_->create_table(side->pair.engine_def()).status());
    }
    for (size_t i = 0; wrong.empty() && i < history_.steps.size(); ++i) {
      const Step& step = history_.steps[i];
      wrong = take(step, *sides_[step.table % sides_.size()]);
      if (!wrong.empty()) wrong = "step " + std::to_string(i) + ": " + wrong;
    }
    if (wrong.empty()) wrong = finish();
    return wrong;
  }

 private:
  [[nodiscard]] static std::string said(const Status& status) {
    return status.ok() ? "" : status.to_string();
  }
  [[nodiscard]] static std::string said(const Result<std::string>& difference) {
    return difference.ok() ? *difference : difference.status().to_string();
  }

  std::string open();
  std::string take(const Step& step, Side& side);
  std::string statements(const Step& step, Side& side);
  std::string statement(const faults::Statement& s, Side& side);
  std::string commit(Side& side);
  std::string rollback(Side& side);
  std::string rollback_to(Side& side);
  std::string scan(const Step& step, Side& side);
  std::string define(const Step& step, Side& side);
  std::string change_index(const Step& step, Side& side);
  std::string checkpoint(bool write_pages);
  std::string close();
  std::string crash();
  std::string check(bool is_purged);
  std::string finish();

  Node& node_;
  const History& history_;
  std::vector<std::unique_ptr<Side>> sides_;
  std::unique_ptr<Engine> engine_;
};

std::string Run::open() {
  EngineOptions options;
  options.pages = small_store(history_.frames);
  options.background_purge = false;
  auto opened = Engine::open(node_, options);
  if (!opened.ok()) return "open: " + opened.status().to_string();
  engine_ = std::move(opened).value();
  return {};
}

std::string Run::take(const Step& step, Side& side) {
  switch (step.kind) {
    case StepKind::statements: return statements(step, side);
    case StepKind::commit: return commit(side);
    case StepKind::rollback: return rollback(side);
    case StepKind::savepoint:
      side.savepoint = engine_->savepoint(side.trx.get());
      side.remembered = side.working;
      return {};
    case StepKind::rollback_to: return rollback_to(side);
    case StepKind::scan:
    case StepKind::range: return scan(step, side);
    case StepKind::define: return define(step, side);
    case StepKind::purge: return said(engine_->purge(step.a % 4).status());
    case StepKind::checkpoint: return checkpoint(step.a % 2 == 1);
    case StepKind::close: return close();
    case StepKind::crash: return crash();
  }
  return "no such step";
}

// --- transactions ---

std::string Run::statements(const Step& step, Side& side) {
  Prng prng(step.a);
  std::string wrong;
  const uint32_t count = 1 + (step.c == 3 ? step.b % 32 : 0);
  for (uint32_t i = 0; i < count && wrong.empty(); ++i) {
    wrong = statement(faults::draw_statement(prng), side);
  }
  return wrong;
}

std::string Run::statement(const faults::Statement& s, Side& side) {
  const auto table = engine_->open_table(side.pair.name());
  if (!table.ok()) return said(table.status());
  const size_t rows = side.working.size();
  std::string violated;
  const Outcome outcome = faults::run_on_model(side.pair, s, side.working, violated);
  const Status status =
      faults::run_on_engine(side.pair, s, rows, *engine_, side.trx.get(), **table);
  const std::string wrong = faults::difference(status, outcome, violated);
  return wrong.empty() ? "" : to_string(s) + ": " + wrong;
}

std::string Run::commit(Side& side) {
  const Status status = engine_->commit(side.trx.get(), "a note");
  if (!status.ok()) return said(status);
  side.trx.end();
  side.settle(side.working);
  return {};
}

std::string Run::rollback(Side& side) {
  const Status status = engine_->rollback(side.trx.get());
  if (!status.ok()) return said(status);
  side.trx.end();
  side.settle(side.committed);
  return {};
}

std::string Run::rollback_to(Side& side) {
  const Status status = engine_->rollback_to(side.trx.get(), side.savepoint);
  side.working = side.remembered;
  return said(status);
}

std::string Run::scan(const Step& step, Side& side) {
  const auto& secondary = side.working.def().secondary;
  const size_t number = step.a % (secondary.size() + 1);
  const std::string index = number == 0 ? "PRIMARY" : secondary[number - 1].name;
  if (step.kind == StepKind::scan) {
    return said(faults::scan_difference(side.pair, *engine_, side.working, index,
                                        static_cast<Direction>(step.b % 2)));
  }
  return said(faults::range_difference(side.pair, *engine_, side.working, index, step.b,
                                       static_cast<Direction>(step.c % 2)));
}

// --- definitions ---

std::string Run::define(const Step& step, Side& side) {
  std::string wrong = commit(side);
  if (!wrong.empty()) return wrong;
  const std::string& name = side.pair.name();
  model::TableModel empty(side.committed.def());
  switch (step.a % 8) {
    case 0: {
      wrong = said(engine_->drop_table(name));
      if (!wrong.empty()) return wrong;
      side.settle(model::TableModel(side.pair.model_def()));
      return said(engine_->create_table(side.pair.engine_def()).status());
    }
    case 1: side.settle(empty); return said(engine_->truncate_table(name));
    case 2:
      wrong = said(engine_->rename_table(name, name + "~"));
      return wrong.empty() ? said(engine_->rename_table(name + "~", name)) : wrong;
    case 3: {
      const Code again = engine_->create_table(side.pair.engine_def()).code();
      return again == Code::already_exists ? "" : "created twice";
    }
    default: return change_index(step, side);
  }
}

std::string Run::change_index(const Step& step, Side& side) {
  Prng prng(step.b);
  const auto& secondary = side.committed.def().secondary;
  model::TableModel after = side.committed;
  Outcome outcome;
  Status status;
  if (!secondary.empty() && prng.chance(0.5)) {
    const std::string dropped = secondary[prng.below(secondary.size())].name;
    outcome = after.drop_index(dropped);
    status = engine_->drop_index(side.pair.name(), dropped);
  } else {
    const std::string name = "i" + std::to_string(side.next_index++);
    const TablePair::PairedIndex index = side.pair.draw_index(prng, name);
    outcome = after.add_index(index.model);
    status = engine_->add_index(side.pair.name(), index.engine);
  }
  if (outcome == Outcome::done) side.settle(after);
  return faults::difference(status, outcome);
}

// --- restarts ---

std::string Run::checkpoint(bool write_pages) {
  if (write_pages) {
    const Status written = engine_->pages().pool().flush_all();
    if (!written.ok()) return said(written);
  }
  engine_->pages().cleaner().checkpoint();
  return {};
}

std::string Run::close() {
  for (const auto& side : sides_) {
    std::string wrong = rollback(*side);
    if (!wrong.empty()) return wrong;
  }
  const Status closed = engine_->close();
  engine_.reset();
  if (!closed.ok()) return said(closed);
  const std::string wrong = open();
  return wrong.empty() ? check(false) : wrong;
}

std::string Run::crash() {
  engine_.reset();
  for (const auto& side : sides_) {
    side->trx.vanish();
    side->settle(side->committed);
  }
  const std::string wrong = open();
  return wrong.empty() ? check(false) : wrong;
}

// Every table against its model, and the structure of everything.
std::string Run::check(bool is_purged) {
  for (const auto& side : sides_) {
    std::string wrong = said(faults::table_difference(side->pair, *engine_, side->working));
    if (wrong.empty()) {
      const auto table = engine_->open_table(side->pair.name());
      if (!table.ok()) return said(table.status());
      wrong = said(faults::damage(*engine_, **table, is_purged));
    }
    if (!wrong.empty()) return "table " + side->pair.name() + ": " + wrong;
  }
  return said(faults::damage(*engine_));
}

std::string Run::finish() {
  for (const auto& side : sides_) {
    std::string wrong = commit(*side);
    if (!wrong.empty()) return "at the end: " + wrong;
  }
  Result<size_t> purged = 1;
  while (purged.ok() && *purged > 0) purged = engine_->purge(1000);
  if (!purged.ok()) return said(purged.status());
  if (engine_->undo().history_length() != 0) return "history is left after everything was purged";
  std::string wrong = check(true);
  if (wrong.empty()) wrong = close();
  if (wrong.empty()) wrong = said(engine_->close());
  return wrong.empty() ? "" : "at the end: " + wrong;
}

// --- drawing ---

rc::Gen<Step> steps() {
  using rc::gen::inRange;
  const auto kind = rc::gen::weightedElement<StepKind>({
      {60, StepKind::statements},
      {9, StepKind::commit},
      {3, StepKind::rollback},
      {3, StepKind::savepoint},
      {3, StepKind::rollback_to},
      {5, StepKind::scan},
      {7, StepKind::range},
      {3, StepKind::define},
      {4, StepKind::purge},
      {2, StepKind::checkpoint},
      {1, StepKind::close},
      {1, StepKind::crash},
  });
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kind),
                              rc::gen::set(&Step::table, inRange<uint32_t>(0, 3)),
                              rc::gen::set(&Step::a, inRange<uint32_t>(0, 100'000)),
                              rc::gen::set(&Step::b, inRange<uint32_t>(0, 1000)),
                              rc::gen::set(&Step::c, inRange<uint32_t>(0, 4)));
}

constexpr const char* kNames[] = {"statements",  "commit",     "rollback", "savepoint",
                                  "rollback_to", "scan",       "range",    "define",
                                  "purge",       "checkpoint", "close",    "crash"};

// Simpler ones: a single statement instead of a burst, the first table. The numbers that things
// are drawn from have no simpler form.
rc::Seq<Step> simpler(const Step& step) {
  std::vector<Step> found;
  Step other = step;
  other.c = 0;
  if (step.c != 0) found.push_back(other);
  other = step;
  other.table = 0;
  if (step.table != 0) found.push_back(other);
  return rc::seq::fromContainer(std::move(found));
}

// Leaving steps out comes first: that makes all further tries quicker.
rc::Seq<std::vector<Step>> shorter(const std::vector<Step>& some) {
  return rc::seq::concat(rc::shrink::removeChunks(some), rc::shrink::eachElement(some, simpler));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << kNames[static_cast<size_t>(step.kind)] << " t" << step.table << ' ' << step.a << ' '
             << step.b << ' ' << step.c;
}

std::ostream& operator<<(std::ostream& out, const History& history) {
  out << history.tables << " tables of seed " << history.schemas << ", " << history.frames
      << " frames\n";
  for (size_t i = 0; i < history.steps.size(); ++i) {
    out << "  " << i << ": " << history.steps[i] << '\n';
  }
  return out;
}

// At the nominal size: sizes that grow from nothing would draw small numbers, again and again.
rc::Gen<History> histories(size_t length) {
  const auto all = rc::gen::noShrink(rc::gen::container<std::vector<Step>>(length, steps()));
  const auto build = rc::gen::build<History>(
      rc::gen::set(&History::schemas, rc::gen::noShrink(rc::gen::arbitrary<uint64_t>())),
      rc::gen::set(&History::tables, rc::gen::inRange<uint32_t>(1, 4)),
      rc::gen::set(&History::frames, rc::gen::element<uint32_t>(64, 100, 400)),
      rc::gen::set(&History::steps, rc::gen::shrink(all, shorter)));
  return rc::gen::resize(rc::kNominalSize, build);
}

std::string run_history(const History& history) {
  std::string wrong;
  on_node([&](Node& node) { wrong = Run(node, history).run(); });
  return wrong;
}

}  // namespace aftersync::storage
