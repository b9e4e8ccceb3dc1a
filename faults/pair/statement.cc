// Statement: running one on either side.
#include "faults/pair/statement.h"

#include <vector>

#include "core/storage/row_cursor.h"

namespace aftersync::faults {

namespace {

using model::Outcome;

Code code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return Code::ok;
    case Outcome::duplicate_key: return Code::duplicate_key;
    case Outcome::not_found: return Code::not_found;
  }
  return Code::internal;
}

// The hidden row ids are the engine's own: those of no row are left to the smallest one.
Result<std::string> key_at(storage::Engine& engine, storage::Table& table, size_t place) {
  storage::RowCursor cursor(engine.rows(), table);
  ASSIGN_OR_RETURN(bool on_row, cursor.first());
  for (; on_row && place > 0; --place) {
    ASSIGN_OR_RETURN(on_row, cursor.next());
  }
  if (!on_row) return std::string(8, '\0');
  return std::string(cursor.clustered_key());
}

}  // namespace

Statement draw_statement(Prng& prng) {
  constexpr StatementKind kKinds[] = {
      StatementKind::insert,      StatementKind::insert, StatementKind::insert,
      StatementKind::insert_many, StatementKind::update, StatementKind::update,
      StatementKind::move,        StatementKind::remove, StatementKind::remove};
  Statement s;
  s.kind = kKinds[prng.below(std::size(kKinds))];
  s.key = static_cast<uint32_t>(prng.below(Statement::kKeys));
  s.new_key = static_cast<uint32_t>(prng.below(Statement::kKeys));
  s.payload = static_cast<uint32_t>(prng.below(Statement::kPayloads));
  if (s.kind == StatementKind::insert_many) s.rows = static_cast<uint32_t>(prng.below(12));
  return s;
}

std::string to_string(const Statement& statement) {
  const std::string key = " key " + std::to_string(statement.key);
  const std::string payload = " payload " + std::to_string(statement.payload);
  switch (statement.kind) {
    case StatementKind::insert: return "insert" + key + payload;
    case StatementKind::insert_many:
      return "insert " + std::to_string(statement.rows) + " rows from" + key + payload;
    case StatementKind::update: return "update" + key + payload;
    case StatementKind::move:
      return "move" + key + " to key " + std::to_string(statement.new_key) + payload;
    case StatementKind::remove: return "remove" + key;
  }
  return "?";
}

namespace {

Outcome insert_many(const TablePair& pair, const Statement& s, model::TableModel& model,
                    std::string& violated) {
  model::TableModel after = model;
  for (uint32_t row = 0; row < s.rows; ++row) {
    const Outcome outcome =
        after.insert(pair.model_row(s.key_of(row), s.payload_of(row)), &violated);
    if (outcome != Outcome::done) return outcome;
  }
  model = after;
  return Outcome::done;
}

}  // namespace

Outcome run_on_model(const TablePair& pair, const Statement& s, model::TableModel& model,
                     std::string& violated) {
  if (s.kind == StatementKind::insert_many) return insert_many(pair, s, model, violated);
  if (s.kind == StatementKind::insert)
    return model.insert(pair.model_row(s.key, s.payload), &violated);
  model::Row key;
  if (pair.has_primary_key()) {
    key = pair.model_key(s.key);
  } else {
    const auto found = model.key_at(model.size() == 0 ? 0 : s.key % model.size());
    if (!found) return Outcome::not_found;
    key = *found;
  }
  if (s.kind == StatementKind::remove) return model.remove(key);
  const uint32_t new_key = s.kind == StatementKind::move ? s.new_key : s.key;
  return model.update(key, pair.model_row(new_key, s.payload), &violated);
}

Status run_on_engine(const TablePair& pair, const Statement& s, size_t rows,
                     storage::Engine& engine, storage::Transaction& trx, storage::Table& table) {
  if (s.kind == StatementKind::insert) {
    return engine.insert(trx, table, pair.engine_row(s.key, s.payload));
  }
  if (s.kind == StatementKind::insert_many) {
    std::vector<storage::Row> many;
    for (uint32_t row = 0; row < s.rows; ++row) {
      many.push_back(pair.engine_row(s.key_of(row), s.payload_of(row)));
    }
    return engine.insert_many(trx, table, many);
  }
  ASSIGN_OR_RETURN(const std::string key,
                   pair.has_primary_key() ? pair.engine_key(table, s.key)
                                          : key_at(engine, table, rows == 0 ? 0 : s.key % rows));
  if (s.kind == StatementKind::remove) return engine.remove(trx, table, key);
  const uint32_t new_key = s.kind == StatementKind::move ? s.new_key : s.key;
  return engine.update(trx, table, key, pair.engine_row(new_key, s.payload));
}

std::string difference(const Status& engine, Outcome model) {
  if (engine.code() == code_of(model)) return {};
  return "answered " + engine.to_string() + ", the model says " +
         std::string(to_string(code_of(model)));
}

std::string difference(const Status& engine, Outcome model, const std::string& violated) {
  std::string wrong = difference(engine, model);
  if (wrong.empty() && model == Outcome::duplicate_key && engine.message() != violated) {
    wrong = "duplicate key in index '" + std::string(engine.message()) + "', the model says '" +
            violated + "'";
  }
  return wrong;
}

bool is_device_failure(const Status& status) {
  return status.code() == Code::no_space || status.code() == Code::io_error ||
         status.code() == Code::corruption || status.code() == Code::shutdown;
}

}  // namespace aftersync::faults
