// Random syntax trees, node by node.
#include "proptests/sql/random_tree.h"

#include <utility>

namespace aftersync {

using namespace sql;  // NOLINT: a test helper about nothing else

std::string RandomTree::name() {
  static const std::string kNames[] = {"a",      "t1",  "select", "x`y", "Grün", "order by",
                                       "status", "2nd", "a.b",    "_b",  "$",    "global"};
  return kNames[random_.below(std::size(kNames))];
}

std::string RandomTree::text() {
  static const std::string kTexts[] = {"",     "a",        "it's", "back\\slash", "line\nbreak",
                                       "100%", "\x1a\r\t", "日本", "\"q\"",       "/* no */"};
  std::string made = kTexts[random_.below(std::size(kTexts))];
  if (seldom()) made += '\0';
  if (seldom()) made += static_cast<char>(random_.next());
  return made;
}

std::string RandomTree::digits() {
  if (seldom()) return "123456789012345678901234567890";
  return std::to_string(random_.below(flip() ? 10 : 1000000));
}

TableName RandomTree::table_name() { return {seldom() ? name() : "", name()}; }

ColumnName RandomTree::column_name() {
  ColumnName made{"", seldom() ? name() : "", name()};
  if (!made.table.empty() && flip()) made.schema = name();
  return made;
}

Box<Expr> RandomTree::maybe_boxed(int depth) { return flip() ? boxed(depth) : Box<Expr>(); }

Box<Query> RandomTree::boxed_query(int depth) {
  Query made = query(depth);
  made.into.clear();
  return Box<Query>(std::move(made));
}

Literal RandomTree::literal() {
  Literal made;
  made.kind = one_of<LiteralKind>(11);
  switch (made.kind) {
    case LiteralKind::null_value: break;
    case LiteralKind::boolean: made.text = flip() ? "TRUE" : "FALSE"; break;
    case LiteralKind::integer: made.text = digits(); break;
    case LiteralKind::decimal: made.text = digits() + "." + (flip() ? digits() : ""); break;
    case LiteralKind::floating: made.text = digits() + (flip() ? "e-7" : ".25E+3"); break;
    case LiteralKind::string:
    case LiteralKind::hex:
    case LiteralKind::bit:
      made.text = text();
      if (seldom()) made.charset = flip() ? "utf8mb4" : "binary";
      break;
    default: made.text = text(); break;
  }
  return made;
}

Expr RandomTree::leaf() {
  switch (random_.below(6)) {
    case 0: return Expr(ColumnRef{column_name()});
    case 1: return Expr(UserVariable{name()});
    case 2: {
      SystemVariable made{one_of<VariableScope>(5), "", "sql_mode"};
      if (seldom()) made.base = "hot";
      return Expr(made);
    }
    case 3: return Expr(DefaultValue{column_name()});
    default: return Expr(literal());
  }
}

Expr RandomTree::logical(int depth) {
  const bool is_or = flip();
  Logical made;
  made.is_or = is_or;
  made.terms = several(2, 4, [&] {
    Expr term = expr(depth - 1);
    const auto* same = std::get_if<Logical>(&term.node);
    if (same != nullptr && same->is_or == is_or) term = leaf();
    return term;
  });
  return Expr(std::move(made));
}

Expr RandomTree::operation(int depth) {
  const int d = depth - 1;
  switch (random_.below(7)) {
    case 0: return Expr(Unary{one_of<UnaryOp>(3), boxed(d)});
    case 1: return Expr(Binary{one_of<BinaryOp>(19), boxed(d), boxed(d)});
    case 2: return logical(depth);
    case 3: return Expr(IntervalAdd{boxed(d), boxed(d), one_of<IntervalUnit>(20), false, seldom()});
    case 4: return Expr(IntervalAdd{boxed(d), boxed(d), one_of<IntervalUnit>(20), true, false});
    case 5: return Expr(Assign{name(), boxed(d)});
    default: {
      Case made;
      made.operand = maybe_boxed(d);
      made.whens = several(2, 2, [&] { return expr(d); });
      if (flip()) made.whens.insert(made.whens.end(), {expr(d), expr(d)});
      made.otherwise = maybe_boxed(d);
      return Expr(std::move(made));
    }
  }
}

Expr RandomTree::predicate(int depth) {
  const int d = depth - 1;
  switch (random_.below(8)) {
    case 0: return Expr(IsTest{boxed(d), one_of<TruthTest>(4), flip()});
    case 1: return Expr(Like{boxed(d), boxed(d), maybe_boxed(d), flip(), false});
    case 2: return Expr(Like{boxed(d), boxed(d), {}, flip(), true});
    case 3: return Expr(Between{boxed(d), boxed(d), boxed(d), flip()});
    case 4: return Expr(In{boxed(d), several(1, 3, [&] { return expr(d); }), {}, flip()});
    case 5: return Expr(In{boxed(d), {}, boxed_query(d), flip()});
    case 6: return Expr(Subquery{boxed_query(d), flip()});
    default: {
      const auto op = static_cast<BinaryOp>(random_.between(1, 7));
      return Expr(Quantified{op, boxed(d), flip(), boxed_query(d)});
    }
  }
}

Expr RandomTree::call(int depth) {
  const auto args = [&](size_t least, size_t most) {
    return several(least, most, [&] { return expr(depth - 1); });
  };
  const std::string unit(to_string(one_of<IntervalUnit>(20)));
  switch (random_.below(8)) {
    case 0: return Expr(Call{"", "EXTRACT", args(1, 1), unit});
    case 1: return Expr(Call{"", flip() ? "TIMESTAMPADD" : "TIMESTAMPDIFF", args(2, 2), unit});
    case 2: return Expr(Call{"", "TRIM", args(1, 2), flip() ? "BOTH" : "LEADING"});
    case 3: return Expr(Call{"", "CHAR", args(1, 3), flip() ? "utf8mb4" : ""});
    case 4: return Expr(Call{name(), "MyOwn", args(0, 2), ""});
    default: {
      static const std::string kNames[] = {"CONCAT", "IF",   "NOW",       "LEFT",  "VERSION",
                                           "INSERT", "DATE", "SUBSTRING", "LOCATE"};
      const size_t which = random_.below(std::size(kNames));
      return Expr(Call{"", kNames[which], args(which == 7 ? 2 : 0, 3), ""});
    }
  }
}

Expr RandomTree::aggregate(int depth) {
  Aggregate made;
  made.kind = one_of<AggregateKind>(13);
  const auto arg = [&] { return expr(depth - 1); };
  made.args = several(1, 1, arg);
  if (made.kind == AggregateKind::count) {
    made.distinct = flip();
    made.args = several(made.distinct ? 1 : 0, made.distinct ? 2 : 1, arg);
  } else if (made.kind <= AggregateKind::max) {
    made.distinct = flip();
  } else if (made.kind == AggregateKind::group_concat) {
    made.distinct = flip();
    made.args = several(1, 2, arg);
    made.order_by = several(0, 2, [&] { return order_item(depth - 1); });
    made.separator = text();
  }
  return Expr(std::move(made));
}

Expr RandomTree::cast(int depth) {
  if (seldom()) return Expr(ConvertUsing{boxed(depth - 1), "latin1"});
  if (seldom()) return Expr(Collate{boxed(depth - 1), "utf8mb4_bin"});
  Cast made;
  made.operand = boxed(depth - 1);
  made.type = one_of<CastType>(10);
  switch (made.type) {
    case CastType::decimal:
      if (flip()) made.length = 10;
      if (made.length > 0 && flip()) made.scale = 3;
      break;
    case CastType::character:
      if (flip()) made.charset = "utf8mb4";
      [[fallthrough]];
    case CastType::binary:
    case CastType::time:
    case CastType::datetime:
      if (flip()) made.length = 6;
      break;
    default: break;
  }
  return Expr(std::move(made));
}

Expr RandomTree::expr(int depth) {
  if (depth <= 0 || seldom()) return leaf();
  switch (random_.below(8)) {
    case 0:
    case 1: return predicate(depth);
    case 2: return call(depth);
    case 3: return aggregate(depth);
    case 4: return cast(depth);
    case 5: return Expr(RowValue{several(2, 3, [&] { return expr(depth - 1); })});
    default: return operation(depth);
  }
}

OrderItem RandomTree::order_item(int depth) { return {expr(depth), flip()}; }

Limit RandomTree::limit() {
  const auto number = [this] { return Expr(Literal{LiteralKind::integer, digits(), ""}); };
  Limit made;
  made.count = number();
  if (flip()) made.offset = Box<Expr>(number());
  return made;
}

TableRef RandomTree::table_ref(int depth) {
  if (depth <= 0 || flip()) {
    NamedTable made{table_name(), flip() ? name() : "", {}};
    made.hints = several(0, 1, [&] { return IndexHint{one_of<IndexHintKind>(3), {name()}}; });
    return TableRef(std::move(made));
  }
  if (seldom()) {
    return TableRef(
        DerivedTable{boxed_query(depth - 1), name(), several(0, 2, [&] { return name(); })});
  }
  Join made;
  made.kind = one_of<JoinKind>(7);
  made.left = Box<TableRef>(table_ref(depth - 1));
  made.right = Box<TableRef>(table_ref(depth - 1));
  if (made.kind >= JoinKind::natural) return TableRef(std::move(made));
  if (made.kind == JoinKind::left || made.kind == JoinKind::right || flip()) {
    if (flip()) {
      made.on = boxed(depth - 1);
    } else {
      made.using_columns = several(1, 2, [&] { return name(); });
    }
  }
  return TableRef(std::move(made));
}

Select RandomTree::select(int depth) {
  Select made;
  made.options = {seldom(), seldom(), seldom()};
  made.items = several(1, 3, [&] {
    SelectItem item;
    if (!seldom()) {
      item.expr = boxed(depth - 1);
      if (flip()) item.alias = name();
    } else {
      item.table = table_name();
    }
    return item;
  });
  if (flip()) made.from = several(1, 2, [&] { return table_ref(depth - 1); });
  if (flip()) made.where = boxed(depth - 1);
  if (flip()) made.group_by = several(1, 2, [&] { return expr(depth - 1); });
  made.rollup = !made.group_by.empty() && seldom();
  if (seldom()) made.having = boxed(depth - 1);
  return made;
}

Query RandomTree::query(int depth) {
  Query made;
  SetOperator op = SetOperator::first;
  made.terms = several(1, seldom() ? 3 : 1, [&] {
    QueryTerm term{op, select(depth)};
    if (depth > 0 && seldom()) term.body = boxed_query(depth - 1);
    op = flip() ? SetOperator::union_all : SetOperator::union_distinct;
    return term;
  });
  made.order_by = several(0, 2, [&] { return order_item(depth - 1); });
  if (flip()) made.limit = limit();
  // One query in parentheses and nothing more is that query.
  const bool bare = made.terms.size() == 1 && made.order_by.empty() && !made.limit &&
                    std::holds_alternative<Box<Query>>(made.terms[0].body);
  if (bare) made.limit = limit();
  if (seldom()) {
    made.locking = several(1, 2, [&] {
      return LockingClause{one_of<LockStrength>(2), several(0, 2, [&] { return table_name(); }),
                           one_of<LockWait>(3)};
    });
  }
  if (seldom()) made.into = several(1, 2, [&] { return name(); });
  return made;
}

Assignment RandomTree::assignment(int depth) {
  return {column_name(), seldom() ? Expr(DefaultValue{}) : expr(depth)};
}

InsertStatement RandomTree::insert() {
  InsertStatement made;
  made.replace = flip();
  made.ignore = !made.replace && flip();
  made.table = table_name();
  made.columns = several(0, 3, [&] { return name(); });
  if (seldom()) {
    made.query = boxed_query(2);
  } else {
    made.rows = several(1, 3, [&] { return several(0, 3, [&] { return expr(2); }); });
  }
  if (!made.replace) made.on_duplicate = several(0, 2, [&] { return assignment(2); });
  return made;
}

UpdateStatement RandomTree::update() {
  UpdateStatement made;
  made.ignore = flip();
  made.tables = several(1, 2, [&] { return table_ref(2); });
  made.set = several(1, 3, [&] { return assignment(3); });
  if (flip()) made.where = boxed(3);
  made.order_by = several(0, 2, [&] { return order_item(2); });
  if (flip()) made.limit = Limit{Expr(Literal{LiteralKind::integer, digits(), ""}), {}};
  return made;
}

DeleteStatement RandomTree::remove() {
  DeleteStatement made;
  made.ignore = flip();
  made.tables = several(1, 1, [&] { return table_name(); });
  if (flip()) made.where = boxed(3);
  if (seldom()) {
    made.tables = several(1, 3, [&] { return table_name(); });
    made.from = several(1, 2, [&] { return table_ref(2); });
    return made;
  }
  if (flip()) made.alias = name();
  made.order_by = several(0, 2, [&] { return order_item(2); });
  if (flip()) made.limit = Limit{Expr(Literal{LiteralKind::integer, digits(), ""}), {}};
  return made;
}

ColumnTypeSpec RandomTree::column_type() {
  ColumnTypeSpec made;
  made.name = one_of<TypeName>(kTypeNames);
  const bool number = made.name <= TypeName::double_number;
  if (number) {
    made.zerofill = seldom();
    made.is_unsigned = made.zerofill || flip();
  }
  const bool fraction = made.name == TypeName::decimal || made.name == TypeName::double_number;
  if (fraction && flip()) {
    made.length = 10;
    made.scale = 2;
  }
  const bool text = (made.name >= TypeName::character && made.name <= TypeName::longtext) ||
                    made.name == TypeName::enumeration || made.name == TypeName::set;
  if (made.name == TypeName::varchar || made.name == TypeName::varbinary) made.length = 20;
  if (made.name == TypeName::enumeration || made.name == TypeName::set) {
    made.values = several(1, 3, [&] { return this->text(); });
  }
  if (text && flip()) made.charset = "utf8mb4";
  if (flip()) made.collation = "utf8mb4_bin";
  return made;
}

ColumnSpec RandomTree::column() {
  ColumnSpec made;
  made.name = name();
  made.type = column_type();
  made.nullability = one_of<Nullability>(3);
  if (flip()) made.default_value = boxed(flip() ? 0 : 2);
  if (seldom()) made.on_update = Box<Expr>(Expr(Call{"", "NOW", {}, ""}));
  made.auto_increment = seldom();
  made.primary_key = seldom();
  made.unique_key = seldom();
  if (seldom()) made.comment = "c" + text();
  return made;
}

IndexSpec RandomTree::index() {
  IndexSpec made;
  made.kind = one_of<IndexKind>(3);
  if (made.kind != IndexKind::primary && flip()) made.name = name();
  made.parts = several(1, 3, [&] {
    return IndexPart{name(), seldom() ? static_cast<uint32_t>(random_.between(1, 99)) : 0, flip()};
  });
  if (seldom()) made.comment = "c" + text();
  return made;
}

CreateTable RandomTree::create_table() {
  CreateTable made;
  made.name = table_name();
  made.if_not_exists = flip();
  made.temporary = seldom();
  if (seldom()) {
    made.like = table_name();
    return made;
  }
  made.elements = several(1, 4, [&]() -> TableElement {
    if (flip()) return column();
    if (flip()) return index();
    if (flip()) return CheckSpec{flip() ? name() : "", boxed(2)};
    return ForeignKeySpec{
        flip() ? name() : "",      {name()}, table_name(), {name()}, one_of<ReferenceAction>(5),
        one_of<ReferenceAction>(5)};
  });
  if (flip()) made.options.emplace_back("ENGINE", "InnoDB");
  if (flip()) made.options.emplace_back("COMMENT", text());
  if (seldom()) made.query = boxed_query(2);
  return made;
}

AlterAction RandomTree::alter_action() {
  const auto place = [&] { return ColumnPlace{false, flip() ? name() : ""}; };
  switch (random_.below(8)) {
    case 0: return AddColumn{column(), place()};
    case 1: return ChangeColumn{name(), column(), place()};
    case 2: return RenameColumn{name(), name()};
    case 3: return AlterDefault{name(), maybe_boxed(2)};
    case 4: return AddIndex{index()};
    case 5: return DropElement{flip() ? DropWhat::column : DropWhat::index, name()};
    case 6: return RenameTo{table_name()};
    default: return SetTableOptions{{{"ALGORITHM", "INPLACE"}}};
  }
}

SetStatement RandomTree::set() {
  return {several(1, 3, [&]() -> SetItem {
    if (flip()) return SetUserVariable{name(), expr(3)};
    if (seldom()) return SetCharset{flip(), "utf8mb4", ""};
    SystemVariable variable{one_of<VariableScope>(5), "", "autocommit"};
    return SetSystemVariable{variable, seldom() ? Expr(DefaultValue{}) : expr(3)};
  })};
}

Statement RandomTree::statement() {
  switch (random_.below(8)) {
    case 0: return insert();
    case 1: return update();
    case 2: return remove();
    case 3: return create_table();
    case 4: return AlterTable{table_name(), several(1, 3, [&] { return alter_action(); })};
    case 5: return set();
    default: return query(4);
  }
}

}  // namespace aftersync
