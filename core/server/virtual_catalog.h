// VirtualCatalog: information_schema, performance_schema, and the accounts as tables of mysql.
//
// Each table is a row of a list: its columns, and a function that computes its rows when they are
// asked for, as they are then and as far as the session's account may see them. They show what the
// server knows; columns that MySQL has, and for which there is nothing to say, are NULL, 0 or empty
// as MySQL has them where it has nothing to say either.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/server/listing.h"
#include "core/server/server_context.h"
#include "core/server/session_privileges.h"
#include "core/server/variable_service.h"
#include "core/sql/exec/services.h"

namespace aftersync::server {

// Who asks.
struct CatalogView {
  ServerContext& server;
  SessionPrivileges& privileges;
  VariableService& variables;
};

struct VirtualTableSpec {
  std::string_view database;
  std::string_view name;
  // Names separated by blanks; a number has * before its name, a long text +.
  std::string_view columns;
  // nullptr: it never has rows.
  void (*rows)(CatalogView& view, std::vector<std::vector<sql::Value>>& to) = nullptr;
};

[[nodiscard]] std::span<const VirtualTableSpec> schema_tables();       // information_schema
[[nodiscard]] std::span<const VirtualTableSpec> performance_tables();  // performance_schema
[[nodiscard]] std::span<const VirtualTableSpec> account_tables();      // mysql

// The table with its rows.
[[nodiscard]] Listing listing_of(const VirtualTableSpec& spec, CatalogView& view);
[[nodiscard]] const VirtualTableSpec* find_virtual_table(std::string_view database,
                                                         std::string_view table);

// One session's; one task.
class VirtualCatalog : public sql::VirtualTables {
 public:
  explicit VirtualCatalog(CatalogView view);
  ~VirtualCatalog() override;

  std::vector<std::string> databases() override;
  bool has_database(std::string_view database) override;
  std::vector<std::string> tables(std::string_view database) override;
  sql::VirtualTable* find(std::string_view database, std::string_view table) override;

 private:
  class Table;

  CatalogView view_;
  std::vector<std::unique_ptr<Table>> opened_;
};

}  // namespace aftersync::server
