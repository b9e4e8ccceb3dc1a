// FROM: names become sources, joins a tree of them.
//
// USING and NATURAL: the columns that both sides have become one (15.2.13.2). It is the left one,
// or the right one of a RIGHT JOIN, which is never the one that is filled with NULLs; the other can
// be had by its qualified name only.
#pragma once

#include <deque>
#include <memory>
#include <variant>
#include <vector>

#include "core/sql/plan/join_plan.h"

namespace aftersync::sql {

// Who opens the tables that a query names.
class TableOpener {
 public:
  virtual ~TableOpener() = default;
  [[nodiscard]] virtual std::variant<Source, SqlError> open(const NamedTable& table) = 0;
  // Computes a derived table.
  [[nodiscard]] virtual std::variant<Source, SqlError> derive(const DerivedTable& table) = 0;
};

class FromClause {
 public:
  FromClause(NameScope& scope, TableOpener& opener) : scope_(scope), opener_(opener) {}

  // Adds the tables to the scope. Not for an empty FROM.
  [[nodiscard]] std::optional<SqlError> add(const std::vector<TableRef>& from);
  [[nodiscard]] JoinTree& tree() { return *tree_; }
  // Slots of the columns that * means, in its order.
  [[nodiscard]] const std::vector<uint32_t>& star() const { return star_; }

 private:
  struct Part {
    std::unique_ptr<JoinTree> tree;
    std::vector<uint32_t> star;
  };
  using Made = std::variant<Part, SqlError>;

  Made part(const TableRef& ref);
  Made leaf(std::variant<Source, SqlError> opened);
  Made join(const Join& join);
  Made joined(Part left, Part right);
  std::optional<SqlError> merge_columns(const std::vector<std::string>& names, bool right_stays,
                                        const Part& left, const Part& right, Part& made);
  std::vector<std::string> common_names(const Part& left, const Part& right) const;
  std::optional<uint32_t> slot_named(const Part& part, const std::string& name,
                                     std::optional<SqlError>& error) const;
  Expr reference(uint32_t slot) const;

  NameScope& scope_;
  TableOpener& opener_;
  std::unique_ptr<JoinTree> tree_;
  std::vector<uint32_t> star_;
  std::deque<Expr> made_;  // conditions that nobody has written
};

}  // namespace aftersync::sql
