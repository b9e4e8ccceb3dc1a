// One function for each statement.
#include "model/txn/parser.h"

#include <algorithm>
#include <utility>

#include "model/txn/token.h"

namespace aftersync::model::txn {
namespace {

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Interpreter& interpreter)
      : tokens_(std::move(tokens)), interpreter_(interpreter) {}

  Result<Statement> parse() {
    Statement statement = parse_statement();
    if (!tokens_.at_end()) tokens_.fail("expected the end");
    if (!tokens_.status().ok()) return tokens_.status();
    return statement;
  }

 private:
  Statement parse_statement() {
    if (tokens_.accept("select * from")) return parse_select();
    if (tokens_.accept("insert into")) return parse_insert();
    if (tokens_.accept("update")) return parse_update();
    if (tokens_.accept("delete from")) return parse_delete();
    if (tokens_.accept("create table")) return parse_create();
    if (tokens_.accept("set")) return parse_set();
    if (tokens_.accept("begin") || tokens_.accept("start transaction")) {
      return Begin{tokens_.accept("with consistent snapshot")};
    }
    if (tokens_.accept("commit")) return Commit{};
    if (tokens_.accept("rollback to")) {
      tokens_.accept("savepoint");
      return RollbackTo{tokens_.name()};
    }
    if (tokens_.accept("rollback")) return Rollback{};
    if (tokens_.accept("savepoint")) return SetSavepoint{tokens_.name()};
    if (tokens_.accept("release savepoint")) return ReleaseSavepoint{tokens_.name()};
    if (tokens_.accept("purge")) return Purge{};
    tokens_.fail("expected a statement");
    return Commit{};
  }

  const Table* parse_table() {
    const std::string name = tokens_.name();
    for (const auto& table : interpreter_.tables()) {
      if (table->schema().name == name) return table.get();
    }
    tokens_.fail("no table " + name + " before this");
    return nullptr;
  }

  size_t parse_column(const Schema& schema) {
    const std::string name = tokens_.name();
    const auto found = std::ranges::find(schema.columns, name);
    if (found == schema.columns.end()) {
      tokens_.fail("no column " + name + " before this");
      return 0;
    }
    return static_cast<size_t>(found - schema.columns.begin());
  }

  std::optional<size_t> parse_index(const Table& table) {
    if (!tokens_.accept("force index (")) return std::nullopt;
    const std::string name = tokens_.name();
    tokens_.expect(")");
    if (name == "primary") return kClustered;
    for (size_t index = 1; index < table.index_count(); ++index) {
      if (table.index_name(index) == name) return index;
    }
    tokens_.fail("no index " + name + " before this");
    return std::nullopt;
  }

  Statement parse_select() {
    Select select;
    const Table* table = parse_table();
    if (table == nullptr) return select;
    select.table = table->id();
    select.index = parse_index(*table);
    select.where = parse_where(*table);
    if (tokens_.accept("order by")) {
      const size_t column = parse_column(table->schema());
      const auto fixed = [&](const Condition& condition) {
        return condition.column == column && condition.op == Condition::Op::equal;
      };
      // What is always equal need not be sorted.
      select.descending = tokens_.accept("desc") && std::ranges::none_of(select.where, fixed);
    }
    if (tokens_.accept("limit")) select.limit = static_cast<size_t>(tokens_.integer());
    if (tokens_.accept("for update")) select.lock = LockingRead::update;
    if (tokens_.accept("for share") || tokens_.accept("lock in share mode")) {
      select.lock = LockingRead::share;
    }
    if (tokens_.accept("nowait")) select.on_conflict = OnConflict::nowait;
    if (tokens_.accept("skip locked")) select.on_conflict = OnConflict::skip_locked;
    return select;
  }

  Statement parse_insert() {
    Insert insert;
    const Table* table = parse_table();
    if (table == nullptr) return insert;
    insert.table = table->id();
    tokens_.expect("values");
    do {
      insert.rows.push_back(parse_values());
      if (insert.rows.back().size() != table->schema().columns.size()) {
        tokens_.fail("wrong number of values before this");
      }
    } while (tokens_.accept(","));
    return insert;
  }

  Row parse_values() {
    Row row;
    tokens_.expect("(");
    do {
      row.push_back(tokens_.value());
    } while (tokens_.accept(","));
    tokens_.expect(")");
    return row;
  }

  Statement parse_update() {
    Update update;
    const Table* table = parse_table();
    if (table == nullptr) return update;
    update.table = table->id();
    update.index = parse_index(*table);
    tokens_.expect("set");
    do {
      update.assignments.push_back(parse_assignment(table->schema()));
    } while (tokens_.accept(","));
    update.where = parse_where(*table);
    return update;
  }

  Assignment parse_assignment(const Schema& schema) {
    Assignment assignment;
    assignment.column = parse_column(schema);
    tokens_.expect("=");
    const Token& next = tokens_.peek();
    if (next.kind != Token::Kind::word || next.text == "null") {
      assignment.value = tokens_.value();
      return assignment;
    }
    assignment.plus = parse_column(schema);
    const bool minus = tokens_.accept("-");
    if (!minus) tokens_.expect("+");
    const int64_t number = tokens_.integer();
    assignment.value = minus ? -number : number;
    return assignment;
  }

  Statement parse_delete() {
    Delete remove;
    const Table* table = parse_table();
    if (table == nullptr) return remove;
    remove.table = table->id();
    remove.where = parse_where(*table);
    return remove;
  }

  Where parse_where(const Table& table) {
    Where where;
    if (!tokens_.accept("where")) return where;
    do {
      parse_condition(table.schema(), where);
    } while (tokens_.accept("and"));
    return where;
  }

  void parse_condition(const Schema& schema, Where& where) {
    using Op = Condition::Op;
    const size_t column = parse_column(schema);
    if (tokens_.accept("is null")) {
      where.push_back({column, Op::equal, {Null()}});
    } else if (tokens_.accept("between")) {
      where.push_back({column, Op::at_least, {tokens_.value()}});
      tokens_.expect("and");
      where.push_back({column, Op::at_most, {tokens_.value()}});
    } else if (tokens_.accept("in")) {
      where.push_back({column, Op::in, parse_values()});
    } else if (tokens_.accept("%")) {
      const Value divisor = tokens_.integer();
      tokens_.expect("=");
      where.push_back({column, Op::modulo, {divisor, tokens_.integer()}});
    } else {
      const Op op = parse_comparison();
      where.push_back({column, op, {tokens_.value()}});
    }
  }

  Condition::Op parse_comparison() {
    using Op = Condition::Op;
    constexpr std::pair<std::string_view, Op> kComparisons[] = {
        {"=", Op::equal},    {"<>", Op::not_equal}, {"<", Op::less},
        {"<=", Op::at_most}, {">", Op::greater},    {">=", Op::at_least}};
    for (const auto& [sign, op] : kComparisons) {
      if (tokens_.accept(sign)) return op;
    }
    tokens_.fail("expected a comparison");
    return Op::equal;
  }

  Statement parse_set() {
    const bool session = tokens_.accept("session");
    if (!session && tokens_.accept("innodb_snapshot_isolation =")) {
      if (tokens_.accept("on")) return SetSnapshotIsolation{true};
      tokens_.expect("off");
      return SetSnapshotIsolation{false};
    }
    tokens_.expect("transaction isolation level");
    std::string name = tokens_.name();
    if (!tokens_.at_end()) name += " " + tokens_.name();
    const std::optional<Isolation> isolation = isolation_named(name);
    if (!isolation) tokens_.fail("no such level: " + name);
    return SetIsolation{isolation.value_or(Isolation::repeatable_read), session};
  }

  Statement parse_create() {
    Schema schema;
    schema.name = tokens_.name();
    tokens_.expect("(");
    do {
      if (!parse_key(schema)) parse_column_definition(schema);
    } while (tokens_.accept(","));
    tokens_.expect(")");
    return CreateTable{schema};
  }

  bool parse_key(Schema& schema) {
    if (tokens_.accept("primary key")) {
      schema.def.primary_key = parse_parts(schema);
      return true;
    }
    const bool unique = tokens_.accept("unique");
    const bool key = tokens_.accept("key");
    if (!unique && !key) return false;
    IndexDef index;
    index.unique = unique;
    index.name = tokens_.name();
    index.parts = parse_parts(schema);
    schema.def.secondary.push_back(std::move(index));
    return true;
  }

  std::vector<KeyPart> parse_parts(const Schema& schema) {
    std::vector<KeyPart> parts;
    tokens_.expect("(");
    do {
      parts.push_back({parse_column(schema), false});
    } while (tokens_.accept(","));
    tokens_.expect(")");
    return parts;
  }

  void parse_column_definition(Schema& schema) {
    schema.columns.push_back(tokens_.name());
    if (tokens_.accept("varchar (")) {
      tokens_.integer();
      tokens_.expect(")");
      schema.def.columns.push_back(Order::bytes);
    } else {
      tokens_.expect("int");
      schema.def.columns.push_back(Order::integer);
    }
    tokens_.accept("not null");
    if (tokens_.accept("primary key")) {
      schema.def.primary_key = {{schema.columns.size() - 1, false}};
    }
  }

  Tokens tokens_;
  const Interpreter& interpreter_;
};

}  // namespace

std::optional<Isolation> isolation_named(std::string_view name) {
  for (const Isolation isolation : {Isolation::read_uncommitted, Isolation::read_committed,
                                    Isolation::repeatable_read, Isolation::serializable}) {
    if (to_string(isolation) == name) return isolation;
  }
  return std::nullopt;
}

Result<Statement> parse(std::string_view text, const Interpreter& tables) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, tokenize(text));
  return Parser(std::move(tokens), tables).parse();
}

}  // namespace aftersync::model::txn
