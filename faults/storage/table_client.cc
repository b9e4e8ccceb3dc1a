// TableClient: transactions, definition changes, and the comparison with the model.
#include "faults/storage/table_client.h"

#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/storage/tree_check.h"
#include "core/storage/tree_cursor.h"
#include "faults/sim/heap.h"

namespace aftersync::faults {

namespace {

using model::Outcome;
using sim::HostScope;
using storage::Engine;
using storage::Table;
using storage::Transaction;

constexpr uint32_t kKeys = 60;
constexpr uint32_t kPayloads = 400;

// What a device may do to a statement, and its client must put up with.
bool is_device_failure(const Status& status) {
  return status.code() == Code::no_space || status.code() == Code::io_error ||
         status.code() == Code::corruption || status.code() == Code::shutdown;
}

Code code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return Code::ok;
    case Outcome::duplicate_key: return Code::duplicate_key;
    case Outcome::not_found: return Code::not_found;
  }
  return Code::internal;
}

}  // namespace

TableClient::TableClient(uint64_t seed, std::string name, Violate violate)
    : prng_(seed), name_(std::move(name)), violate_(std::move(violate)), pair_(prng_, name_) {}

void TableClient::violate(const std::string& what) {
  const HostScope host;
  violate_("storage differs from the model: table " + name_ + ": " + what);
}

void TableClient::expect(const Status& status, Outcome outcome, const std::string& what) {
  if (status.code() == code_of(outcome)) return;
  violate(what + " answered " + status.to_string() + ", the model says " +
          std::string(to_string(code_of(outcome))));
}

// --- transactions ---

Status TableClient::step(Node& node, Engine& engine) {
  if (!acknowledged_) return create(engine);
  if (prng_.chance(0.08)) return define(node, engine);
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
  const Statement s{prng_.below(10), static_cast<uint32_t>(prng_.below(kKeys)),
                    static_cast<uint32_t>(prng_.below(kKeys)),
                    static_cast<uint32_t>(prng_.below(kPayloads))};
  Outcome outcome;
  std::string violated;
  {
    const HostScope host;
    after_ = working_;
    outcome = run_on_model(s, *after_, violated);
  }
  const Status status = run_on_engine(s, engine, trx, table);
  ++operations_;
  if (is_device_failure(status)) return status;
  expect(status, outcome,
         "statement of kind " + std::to_string(s.kind) + " on key " + std::to_string(s.key));
  if (outcome == Outcome::duplicate_key && status.message() != violated) {
    violate("duplicate key in index '" + std::string(status.message()) + "', the model says '" +
            violated + "'");
  }
  const HostScope host;
  if (outcome == Outcome::done) std::swap(working_, after_);
  return {};
}

Outcome TableClient::run_on_model(const Statement& s, model::TableModel& model,
                                  std::string& violated) const {
  if (s.kind < 5) return model.insert(pair_.model_row(s.key, s.payload), &violated);
  if (s.kind >= 8) return model.remove(pair_.model_key(s.key));
  const uint32_t new_key = s.kind == 7 ? s.new_key : s.key;
  return model.update(pair_.model_key(s.key), pair_.model_row(new_key, s.payload), &violated);
}

Status TableClient::run_on_engine(const Statement& s, Engine& engine, Transaction& trx,
                                  Table& table) const {
  if (s.kind < 5) return engine.insert(trx, table, pair_.engine_row(s.key, s.payload));
  ASSIGN_OR_RETURN(const std::string key, pair_.engine_key(table, s.key));
  if (s.kind >= 8) return engine.remove(trx, table, key);
  const uint32_t new_key = s.kind == 7 ? s.new_key : s.key;
  return engine.update(trx, table, key, pair_.engine_row(new_key, s.payload));
}

// --- definitions ---

Status TableClient::settle(const Status& status, Outcome outcome, const char* what) {
  if (is_device_failure(status)) {
    // The engine says that it has not happened; a restart will show.
    is_deciding_ = false;
    return status;
  }
  expect(status, outcome, what);
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

Status TableClient::define(Node& node, Engine& engine) {
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
  std::string why;
  ASSIGN_OR_RETURN(bool is_legal, agrees(engine, acknowledged_, why));
  if (!is_legal && is_deciding_) {
    std::string other;
    ASSIGN_OR_RETURN(is_legal, agrees(engine, after_, other));
    why += "; were the last change there: " + other;
    const HostScope host;
    if (is_legal) std::swap(acknowledged_, after_);
  }
  is_deciding_ = false;
  if (!is_legal) violate("after a restart: " + why);
  return {};
}

Result<bool> TableClient::agrees(Engine& engine, const State& state, std::string& why) const {
  const auto table = engine.open_table(name_);
  if (table.code() == Code::not_found) {
    why = "it is not there";
    return !state.has_value();
  }
  if (!table.ok()) return table.status();
  if (!state) {
    why = "it is there";
    return false;
  }
  if ((*table)->indexes() != state->def().secondary.size() + 1) {
    why = std::to_string((*table)->indexes()) + " indexes, expected " +
          std::to_string(state->def().secondary.size() + 1);
    return false;
  }
  for (size_t i = 0; i < (*table)->indexes(); ++i) {
    ASSIGN_OR_RETURN(const bool same, index_agrees(engine, **table, i, *state, why));
    if (!same) return false;
  }
  return true;
}

Result<bool> TableClient::index_agrees(Engine& engine, Table& table, size_t index,
                                       const model::TableModel& model, std::string& why) const {
  const std::string& name = table.def().indexes[index].name;
  const std::vector<model::Row> expected = model.scan(name);
  size_t seen = 0;
  storage::TreeCursor cursor(table.tree(index));
  ASSIGN_OR_RETURN(bool on_record, cursor.first());
  while (on_record) {
    if (cursor.record().is_delete_marked()) {
      ASSIGN_OR_RETURN(on_record, cursor.next());
      continue;
    }
    std::string key(cursor.record().key);
    if (index > 0) {
      ASSIGN_OR_RETURN(const std::string_view clustered, Table::clustered_key_of(cursor.record()));
      key = clustered;
    }
    ASSIGN_OR_RETURN(const auto row, engine.get(table, key));
    if (!row) {
      why = "index " + name + ": an entry without a row";
      return false;
    }
    ASSIGN_OR_RETURN(const model::Row found, pair_.to_model(*row));
    if (seen == expected.size() || found != expected[seen]) {
      why = "index " + name + ", row " + std::to_string(seen) + ": found " +
            model::to_string(found) + ", expected " +
            (seen == expected.size() ? "none" : model::to_string(expected[seen]));
      return false;
    }
    ++seen;
    ASSIGN_OR_RETURN(on_record, cursor.next());
  }
  if (seen == expected.size()) return true;
  why = "index " + name + ": " + std::to_string(seen) + " rows, expected " +
        std::to_string(expected.size());
  return false;
}

Status TableClient::check_structure(Engine& engine, bool is_purged) {
  std::string why;
  ASSIGN_OR_RETURN(const bool same, agrees(engine, acknowledged_, why));
  if (!same) violate(why);
  if (!acknowledged_) return {};
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, engine.open_table(name_));
  for (size_t i = 0; i < table->indexes(); ++i) {
    const auto report = storage::check_tree(engine.pages(), table->tree(i).root());
    const std::string& index = table->def().indexes[i].name;
    if (!report.ok()) {
      violate("index " + index + ": " + report.status().to_string());
    } else if (is_purged && report->delete_marked != 0) {
      violate("index " + index + ": " + std::to_string(report->delete_marked) +
              " delete marks after everything was purged");
    }
  }
  return {};
}

}  // namespace aftersync::faults
