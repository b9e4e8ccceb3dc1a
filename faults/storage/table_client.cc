// TableClient: transactions, definition changes, and the comparison with the model.
#include "faults/storage/table_client.h"

#include <utility>
#include <vector>

#include "core/base/check.h"
#include "faults/pair/agreement.h"
#include "faults/pair/statement.h"
#include "faults/sim/heap.h"

namespace aftersync::faults {

namespace {

using model::Outcome;
using sim::HostScope;
using storage::Engine;
using storage::Table;
using storage::Transaction;

}  // namespace

TableClient::TableClient(uint64_t seed, std::string name, Violate violate)
    : prng_(seed), name_(std::move(name)), violate_(std::move(violate)), pair_(prng_, name_) {}

void TableClient::violate(const std::string& what) {
  const HostScope host;
  violate_("storage differs from the model: table " + name_ + ": " + what);
}

// --- transactions ---

Status TableClient::step(Node& node, Engine& engine) {
  if (!acknowledged_ || prng_.chance(0.08)) return change_definition(node, engine);
  // A few transactions at a time, so that those after them in their streams remain.
  if (prng_.chance(0.1)) return engine.purge(prng_.between(1, 3)).status();
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, engine.open_table(name_));
  return transaction(node, engine, *table);
}

Status TableClient::transaction(Node& node, Engine& engine, Table& table) {
  {
    const HostScope host;
    working_ = acknowledged_;
    savepoint_ = acknowledged_;
  }
  Transaction trx;
  storage::RollPtr savepoint;
  Status status;
  const uint64_t statements = prng_.between(1, 8);
  for (uint64_t i = 0; status.ok() && i < statements; ++i) {
    if (prng_.chance(0.1)) {
      savepoint = engine.savepoint(trx);
      const HostScope host;
      savepoint_ = working_;
    } else if (prng_.chance(0.1)) {
      status = engine.rollback_to(trx, savepoint);
      const HostScope host;
      working_ = savepoint_;
    } else {
      status = statement(engine, trx, table);
    }
  }
  const bool gives_up = prng_.chance(0.15);
  if (status.ok() && !gives_up) {
    const HostScope host;
    after_ = working_;
    is_deciding_ = true;
  }
  if (status.ok() && !gives_up) status = engine.commit(trx);
  if (status.ok() && !gives_up) {
    ++commits_;
    return settle(status, Outcome::done, "commit");
  }
  is_deciding_ = false;
  const Status undone = engine.rollback(trx);
  if (!undone.ok()) node.crash("rollback: " + undone.to_string());
  return status;
}

Status TableClient::statement(Engine& engine, Transaction& trx, Table& table) {
  const Statement s = draw_statement(prng_);
  const size_t rows = working_->size();
  Outcome outcome;
  std::string violated;
  {
    const HostScope host;
    after_ = working_;
    outcome = run_on_model(pair_, s, *after_, violated);
  }
  const Status status = run_on_engine(pair_, s, rows, engine, trx, table);
  ++operations_;
  if (is_device_failure(status)) return status;
  const std::string wrong = difference(status, outcome, violated);
  if (!wrong.empty()) violate(to_string(s) + ": " + wrong);
  const HostScope host;
  if (outcome == Outcome::done) std::swap(working_, after_);
  return {};
}

// --- definitions ---

Status TableClient::settle(const Status& status, Outcome outcome, const char* what) {
  if (is_device_failure(status)) {
    // The engine says that it has not happened; a restart will show.
    is_deciding_ = false;
    return status;
  }
  const std::string wrong = difference(status, outcome);
  if (!wrong.empty()) violate(std::string(what) + ": " + wrong);
  const HostScope host;
  if (outcome == Outcome::done) std::swap(acknowledged_, after_);
  is_deciding_ = false;
  return {};
}

Status TableClient::create(Engine& engine) {
  {
    const HostScope host;
    after_.emplace(pair_.model_def());
    is_deciding_ = true;
  }
  return settle(engine.create_table(pair_.engine_def()).status(), Outcome::done, "create");
}

Status TableClient::change_definition(Node& node, Engine& engine) {
  if (!acknowledged_) return create(engine);
  const uint64_t kind = prng_.below(10);
  if (kind >= 4) return change_index(engine);
  {
    const HostScope host;
    after_ = acknowledged_;
    if (kind == 0) after_.reset();
    if (kind == 1) after_->truncate();
    is_deciding_ = true;
  }
  if (kind == 0) return settle(engine.drop_table(name_), Outcome::done, "drop");
  if (kind == 1) return settle(engine.truncate_table(name_), Outcome::done, "truncate");
  // There and back; the name in between is never seen by a restart's judge, so no crash may fall
  // there: a rename that is not taken back is another table.
  is_deciding_ = false;
  const std::string aside = name_ + "~";
  const Status status = engine.rename_table(name_, aside);
  if (!status.ok()) return status;
  const Status back = engine.rename_table(aside, name_);
  if (!back.ok()) node.crash("rename back: " + back.to_string());
  return {};
}

Status TableClient::change_index(Engine& engine) {
  const auto& indexes = acknowledged_->def().secondary;
  Outcome outcome;
  if (!indexes.empty() && prng_.chance(0.5)) {
    const std::string dropped = indexes[prng_.below(indexes.size())].name;
    {
      const HostScope host;
      after_ = acknowledged_;
      outcome = after_->drop_index(dropped);
      is_deciding_ = true;
    }
    return settle(engine.drop_index(name_, dropped), outcome, "drop index");
  }
  TablePair::PairedIndex index = pair_.draw_index(prng_, "i" + std::to_string(next_index_++));
  {
    const HostScope host;
    after_ = acknowledged_;
    outcome = after_->add_index(index.model);
    is_deciding_ = outcome == Outcome::done;
  }
  return settle(engine.add_index(name_, index.engine), outcome, "add index");
}

// --- judgement ---

Status TableClient::verify_after_restart(Engine& engine) {
  // A rename that a crash has cut in two is taken back first.
  const std::string aside = name_ + "~";
  if (engine.open_table(aside).ok()) RETURN_IF_ERROR(engine.rename_table(aside, name_));
  ASSIGN_OR_RETURN(std::string wrong, table_difference(pair_, engine, acknowledged_));
  if (!wrong.empty() && is_deciding_) {
    ASSIGN_OR_RETURN(const std::string other, table_difference(pair_, engine, after_));
    const HostScope host;
    if (other.empty()) std::swap(acknowledged_, after_);
    wrong = other.empty() ? "" : wrong + "; were the last change there: " + other;
  }
  is_deciding_ = false;
  if (!wrong.empty()) violate("after a restart: " + wrong);
  return {};
}

Status TableClient::check_structure(Engine& engine, bool is_purged) {
  ASSIGN_OR_RETURN(const std::string wrong, table_difference(pair_, engine, acknowledged_));
  if (!wrong.empty()) violate(wrong);
  if (!acknowledged_) return {};
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, engine.open_table(name_));
  ASSIGN_OR_RETURN(std::string damaged, damage(engine, *table, is_purged));
  if (damaged.empty()) {
    ASSIGN_OR_RETURN(damaged, damage(engine));
  }
  if (!damaged.empty()) violate(damaged);
  return {};
}

}  // namespace aftersync::faults
