// Tables of a query, from left to right.
#include "core/sql/plan/from_clause.h"

#include <algorithm>
#include <utility>

namespace aftersync::sql {

std::optional<SqlError> FromClause::add(const std::vector<TableRef>& from) {
  std::optional<Part> all;
  for (const TableRef& ref : from) {
    Made next = part(ref);
    if (!std::holds_alternative<SqlError>(next) && all) {
      next = joined(*std::move(all), std::get<Part>(std::move(next)));
    }
    if (auto* error = std::get_if<SqlError>(&next)) return std::move(*error);
    all = std::get<Part>(std::move(next));
  }
  tree_ = std::move(all->tree);
  star_ = std::move(all->star);
  return {};
}

FromClause::Made FromClause::part(const TableRef& ref) {
  if (const auto* named = std::get_if<NamedTable>(&ref.node)) return leaf(opener_.open(*named));
  if (const auto* derived = std::get_if<DerivedTable>(&ref.node)) {
    return leaf(opener_.derive(*derived));
  }
  return join(std::get<Join>(ref.node));
}

FromClause::Made FromClause::leaf(std::variant<Source, SqlError> opened) {
  if (auto* error = std::get_if<SqlError>(&opened)) return std::move(*error);
  if (auto error = scope_.add(std::get<Source>(std::move(opened)))) return *std::move(error);
  Part made;
  made.tree = std::make_unique<JoinTree>();
  made.tree->source = scope_.sources().size() - 1;
  const Source& source = scope_.sources().back();
  for (uint32_t i = 0; i < source.slots(); ++i) made.star.push_back(source.first_slot + i);
  return made;
}

FromClause::Made FromClause::joined(Part left, Part right) {
  Part made;
  made.star = left.star;
  made.star.insert(made.star.end(), right.star.begin(), right.star.end());
  made.tree = std::make_unique<JoinTree>();
  made.tree->left = std::move(left.tree);
  made.tree->right = std::move(right.tree);
  return made;
}

FromClause::Made FromClause::join(const Join& join) {
  const size_t first = scope_.sources().size();
  Made left = part(*join.left);
  if (std::holds_alternative<SqlError>(left)) return left;
  Made right = part(*join.right);
  if (std::holds_alternative<SqlError>(right)) return right;
  auto& left_part = std::get<Part>(left);
  auto& right_part = std::get<Part>(right);
  const bool natural = join.kind >= JoinKind::natural;
  const bool to_right = join.kind == JoinKind::right || join.kind == JoinKind::natural_right;
  const auto names = natural ? common_names(left_part, right_part) : join.using_columns;
  Part made;
  made.tree = std::make_unique<JoinTree>();
  JoinTree& tree = *made.tree;
  if (auto error = merge_columns(names, to_right, left_part, right_part, made)) {
    return *std::move(error);
  }
  tree.outer = to_right || join.kind == JoinKind::left || join.kind == JoinKind::natural_left;
  tree.straight = join.kind == JoinKind::straight;
  tree.left = std::move(to_right ? right_part.tree : left_part.tree);
  tree.right = std::move(to_right ? left_part.tree : right_part.tree);
  if (join.on) {
    scope_.enter("on clause");
    scope_.restrict_to(first, scope_.sources().size());
    auto on = conjuncts_of(*join.on, scope_);
    scope_.restrict_to(0, SIZE_MAX);
    if (auto* error = std::get_if<SqlError>(&on)) return std::move(*error);
    auto& conjuncts = std::get<std::vector<Conjunct>>(on);
    std::move(conjuncts.begin(), conjuncts.end(), std::back_inserter(tree.on));
  }
  return made;
}

// The columns that stay, first the common ones; and the conditions that they are equal.
std::optional<SqlError> FromClause::merge_columns(const std::vector<std::string>& names,
                                                  bool right_stays, const Part& left,
                                                  const Part& right, Part& made) {
  std::vector<uint32_t> gone;
  for (const std::string& name : names) {
    std::optional<SqlError> error;
    const auto a = slot_named(left, name, error);
    const auto b = error ? std::nullopt : slot_named(right, name, error);
    if (error) return error;
    made_.emplace_back(Binary{BinaryOp::equal, Box<Expr>(reference(*a)), Box<Expr>(reference(*b))});
    auto condition = conjuncts_of(made_.back(), scope_);
    if (auto* failed = std::get_if<SqlError>(&condition)) return std::move(*failed);
    made.tree->on.push_back(std::get<std::vector<Conjunct>>(condition)[0]);
    scope_.merge(right_stays ? *a : *b);
    made.star.push_back(right_stays ? *b : *a);
    gone.insert(gone.end(), {*a, *b});
  }
  for (const Part* part : {right_stays ? &right : &left, right_stays ? &left : &right}) {
    for (const uint32_t slot : part->star) {
      if (std::find(gone.begin(), gone.end(), slot) == gone.end()) made.star.push_back(slot);
    }
  }
  return {};
}

std::vector<std::string> FromClause::common_names(const Part& left, const Part& right) const {
  std::vector<std::string> names;
  for (const uint32_t slot : left.star) {
    const std::string& name = scope_.column_of(slot).name;
    const bool common = std::any_of(right.star.begin(), right.star.end(), [&](uint32_t other) {
      return same_name(scope_.column_of(other).name, name);
    });
    if (common) names.push_back(name);
  }
  return names;
}

std::optional<uint32_t> FromClause::slot_named(const Part& part, const std::string& name,
                                               std::optional<SqlError>& error) const {
  std::optional<uint32_t> found;
  for (const uint32_t slot : part.star) {
    if (!same_name(scope_.column_of(slot).name, name)) continue;
    if (found) error = make_error(ErrorName::ambiguous_column, {name, "from clause"});
    found = slot;
  }
  if (!found) error = make_error(ErrorName::unknown_column, {name, "from clause"});
  return found;
}

Expr FromClause::reference(uint32_t slot) const {
  const Source& source = scope_.source_of(slot);
  return Expr(ColumnRef{{source.database, source.alias, scope_.column_of(slot).name}});
}

}  // namespace aftersync::sql
