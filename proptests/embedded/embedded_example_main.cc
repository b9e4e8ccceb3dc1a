// The storage engine in a program of one's own: everything that it takes, once, in order.
//
//   embedded-example DIRECTORY
//
// Makes a store in DIRECTORY (or opens the one there), moves money between accounts in
// transactions, and shows them in two orders. Run it again: the money is where it was.
#include <cstdint>
#include <cstdio>
#include <string>

#include "core/base/status.h"
#include "core/platform/posix/posix_node.h"
#include "core/storage/engine.h"
#include "core/storage/row_cursor.h"

namespace {

using aftersync::Code;
using aftersync::Result;
using aftersync::Status;
namespace storage = aftersync::storage;

// accounts(id BIGINT PRIMARY KEY, owner VARCHAR(40) UNIQUE, cents BIGINT)
storage::TableDef accounts_definition() {
  storage::TableDef def;
  def.name = "bank/accounts";
  def.columns.resize(3);
  def.columns[0].name = "id";
  def.columns[0].nullable = false;
  def.columns[1].name = "owner";
  def.columns[1].type = storage::ColumnType::string;
  def.columns[1].collation = storage::Collation::utf8mb4_general_ci;
  def.columns[1].nullable = false;
  def.columns[1].max_bytes = 160;
  def.columns[2].name = "cents";
  def.indexes.resize(2);
  def.indexes[0].name = "PRIMARY";
  def.indexes[0].unique = true;
  def.indexes[0].parts.resize(1);
  def.indexes[0].parts[0].column = 0;
  def.indexes[1].name = "by_owner";
  def.indexes[1].unique = true;
  def.indexes[1].parts.resize(1);
  def.indexes[1].parts[0].column = 1;
  return def;
}

// Each statement either takes effect or leaves no trace; what has been done before it in the same
// transaction stays, until that is committed or rolled back. One of the two must come.
Status open_accounts(storage::Engine& engine, storage::Table& accounts) {
  storage::Transaction trx;
  Status status = engine.insert(trx, accounts, {int64_t{1}, "Ada", int64_t{100'00}});
  if (status.ok()) {
    status = engine.insert(trx, accounts, {int64_t{2}, "Grace", int64_t{50'00}});
  }
  if (!status.ok()) {
    RETURN_IF_ERROR(engine.rollback(trx));
    return status;
  }
  return engine.commit(trx);
}

Status add(storage::Engine& engine, storage::Transaction& trx, storage::Table& accounts, int64_t id,
           int64_t cents) {
  ASSIGN_OR_RETURN(const std::string key, storage::Engine::primary_key(accounts, {id}));
  ASSIGN_OR_RETURN(auto row, engine.get(accounts, key));
  if (!row) return {Code::not_found, "no account " + std::to_string(id)};
  int64_t& balance = std::get<int64_t>((*row)[2]);
  if (balance + cents < 0) return {Code::invalid_argument, "not enough money"};
  balance += cents;
  return engine.update(trx, accounts, key, *row);
}

Status transfer(storage::Engine& engine, storage::Table& accounts, int64_t from, int64_t to,
                int64_t cents) {
  storage::Transaction trx;
  Status status = add(engine, trx, accounts, to, cents);
  if (status.ok()) status = add(engine, trx, accounts, from, -cents);
  if (status.ok()) return engine.commit(trx);  // durable when it returns
  RETURN_IF_ERROR(engine.rollback(trx));       // what `to` had been given is taken back
  return status;
}

Status show(storage::Engine& engine, storage::Table& accounts, const char* index) {
  ASSIGN_OR_RETURN(const size_t number, accounts.find_index(index));
  storage::RowCursor cursor(engine.rows(), accounts, number);
  std::printf("in order of %s, backwards:\n", index);
  ASSIGN_OR_RETURN(bool on_row, cursor.last());
  while (on_row) {
    const storage::Row& row = cursor.row();
    std::printf("  %lld %s %lld\n", static_cast<long long>(std::get<int64_t>(row[0])),
                std::get<std::string>(row[1]).c_str(),
                static_cast<long long>(std::get<int64_t>(row[2])));
    ASSIGN_OR_RETURN(on_row, cursor.previous());
  }
  return {};
}

Status use(aftersync::Node& node) {
  storage::EngineOptions options;
  options.pages.pool.frames = 256;  // 4 MiB of pages in memory
  ASSIGN_OR_RETURN(const auto engine, storage::Engine::open(node, options));
  auto opened = engine->open_table("bank/accounts");
  if (opened.code() == Code::not_found) {
    opened = engine->create_table(accounts_definition());
    RETURN_IF_ERROR(opened.status());
    RETURN_IF_ERROR(open_accounts(*engine, **opened));
  }
  RETURN_IF_ERROR(opened.status());
  storage::Table& accounts = **opened;

  const auto attempt = [&](int64_t cents) {
    const Status status = transfer(*engine, accounts, 1, 2, cents);
    std::printf("transfer of %lld: %s\n", static_cast<long long>(cents),
                status.to_string().c_str());
  };
  attempt(30'00);
  attempt(90'00);
  RETURN_IF_ERROR(show(*engine, accounts, "PRIMARY"));
  RETURN_IF_ERROR(show(*engine, accounts, "by_owner"));
  return engine->close();  // without it the next open recovers, as after a crash
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: embedded-example DIRECTORY\n");
    return 2;
  }
  auto node =
      aftersync::posix::RealNode::open({.data_directory = argv[1], .create_data_directory = true});
  const Status status = node.ok() ? use((*node)->node()) : node.status();
  if (!status.ok()) std::fprintf(stderr, "embedded-example: %s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}
