// Counting the tables of a join.
#include "core/sql/ast/query.h"

namespace aftersync::sql {

TableRef::TableRef(Node from) : node(std::move(from)) {
  if (const auto* join = std::get_if<Join>(&node))
    tables = join->left->tables + join->right->tables;
}

}  // namespace aftersync::sql
