// Printer: a string that trees are appended to. Each family of nodes has a file of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/sql/ast/statement.h"

namespace aftersync::sql {

class Printer {
 public:
  std::string out;

  Printer& word(std::string_view text);  // with a blank before it, where one is needed
  Printer& raw(std::string_view text);   // as it is
  Printer& name(std::string_view text);
  Printer& text(std::string_view text);

  void expr(const Expr& expr);
  void operand(const Expr& expr);  // in parentheses unless it is primary
  void query(const Query& query);
  void subquery(const Query& query);
  void table(const TableName& name);
  void column(const ColumnName& name);
  void literal(const Literal& literal);
  void type(const ColumnTypeSpec& type);
  void account(const AccountName& name);
  void options(const Options& options);

  void where(const Box<Expr>& condition);
  void order_by(const std::vector<OrderItem>& items);
  void limit(const std::optional<Limit>& limit);
  void table_ref(const TableRef& ref);
  void table_refs(const std::vector<TableRef>& refs);

  template <typename List, typename Each>
  Printer& list(const List& items, Each&& each) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) raw(", ");
      first = false;
      each(item);
    }
    return *this;
  }
  Printer& names(const std::vector<std::string>& names) {
    return list(names, [this](const std::string& one) { name(one); });
  }
  Printer& exprs(const std::vector<Expr>& exprs) {
    return list(exprs, [this](const Expr& one) { expr(one); });
  }
  Printer& variables(const std::vector<std::string>& names) {
    return list(names, [this](const std::string& one) { raw("@").name(one); });
  }

  // One overload for each kind of statement; where, is a matter of its file.
  void statement(const Query& s) { query(s); }
  void statement(const InsertStatement& s);
  void statement(const UpdateStatement& s);
  void statement(const DeleteStatement& s);
  void statement(const CreateDatabase& s);
  void statement(const AlterDatabase& s);
  void statement(const DropDatabase& s);
  void statement(const CreateTable& s);
  void statement(const DropTable& s);
  void statement(const TruncateTable& s);
  void statement(const RenameTable& s);
  void statement(const AlterTable& s);
  void statement(const CreateIndex& s);
  void statement(const DropIndex& s);
  void statement(const BeginStatement& s);
  void statement(const EndStatement& s);
  void statement(const SavepointStatement& s);
  void statement(const SetTransaction& s);
  void statement(const LockTables& s);
  void statement(const UnlockTables& s);
  void statement(const SetStatement& s);
  void statement(const ShowStatement& s);
  void statement(const UseStatement& s);
  void statement(const DoStatement& s);
  void statement(const KillStatement& s);
  void statement(const FlushStatement& s);
  void statement(const ExplainStatement& s);
  void statement(const TableMaintenance& s);
  void statement(const PrepareStatement& s);
  void statement(const ExecuteStatement& s);
  void statement(const DeallocateStatement& s);
  void statement(const ChangeSource& s);
  void statement(const ReplicaThreads& s);
  void statement(const ResetStatement& s);
  void statement(const PurgeLogs& s);
  void statement(const DefineAccounts& s);
  void statement(const DropAccounts& s);
  void statement(const RenameAccounts& s);
  void statement(const SetPassword& s);
  void statement(const GrantStatement& s);

 private:
  void assignments(const std::vector<Assignment>& list);
  void set_item(const SetItem& item);
  void channel(std::string_view name);
};

}  // namespace aftersync::sql
