// The leaves of the join in the order in which they are read.
#include "core/sql/exec/explain.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/sql/exec/query.h"
#include "core/sql/plan/select_plan.h"
#include "core/sql/value/collations.h"

namespace aftersync::sql {

namespace {

constexpr const char* kColumns[] = {"id",   "select_type",   "table",    "partitions",
                                    "type", "possible_keys", "key",      "key_len",
                                    "ref",  "rows",          "filtered", "Extra"};

size_t fraction_bytes(const ColumnTypeSpec& type) {
  return type.length <= 0 ? 0 : (static_cast<size_t>(type.length) + 1) / 2;
}

// As MySQL counts the bytes of a column in a key: as many as the longest value takes, two more for
// the length of one that varies, one more for NULL.
size_t key_bytes(const Column& column, const ColumnCodec& codec, uint32_t prefix_chars) {
  const ColumnTypeSpec& type = column.type;
  const CollationInfo* collation = find_collation(type.collation);
  const size_t char_bytes = collation == nullptr ? 1 : collation->char_bytes;
  const size_t null_byte = column.nullable ? 1 : 0;
  const size_t chars =
      prefix_chars != 0 ? prefix_chars : static_cast<size_t>(std::max<int64_t>(type.length, 0));
  switch (type.name) {
    case TypeName::character:
    case TypeName::binary: return null_byte + chars * char_bytes;
    case TypeName::date: return null_byte + 3;
    case TypeName::time: return null_byte + 3 + fraction_bytes(type);
    case TypeName::timestamp: return null_byte + 4 + fraction_bytes(type);
    case TypeName::datetime: return null_byte + 5 + fraction_bytes(type);
    case TypeName::float_number: return null_byte + 4;
    case TypeName::double_number: return null_byte + 8;
    default: break;
  }
  if (type.name >= TypeName::varchar && type.name <= TypeName::longblob) {
    return null_byte + chars * char_bytes + 2;
  }
  return null_byte + codec.definition().width;
}

class ExplainRun {
 public:
  ExplainRun(StatementRun& run, const SelectPlan& plan) : run_(run), plan_(plan) {}

  void execute() {
    std::vector<ResultColumn> columns;
    for (const char* name : kColumns) {
      ResultColumn column;
      column.name = name;
      column.type.type = TypeClass::string;
      columns.push_back(std::move(column));
    }
    if (!run_.send(std::move(columns))) return;
    if (plan_.join) {
      leaf(*plan_.join, true);
    } else {
      (void)run_.send_row(row({}, {}, {}, {}, {}, "No tables used"));
    }
  }

 private:
  static ValueRow row(const Value& table, const Value& type, const Value& keys, const Value& key,
                      const Value& bytes, const std::string& extra) {
    const auto* name = std::get_if<std::string>(&type);
    const bool one = name != nullptr && (*name == "const" || *name == "eq_ref");
    return {std::string("1"),
            std::string("SIMPLE"),
            table,
            Value(),
            type,
            keys,
            key,
            bytes,
            Value(),
            one ? Value(std::string("1")) : Value(),
            Value(),
            extra.empty() ? Value() : Value(extra)};
  }

  // Whether everything has been sent. `first`: the one that is read first.
  bool leaf(const JoinNode& node, bool first) {
    if (!node.is_leaf()) return leaf(*node.left, first) && leaf(*node.right, false);
    const Source& source = plan_.scope.sources()[node.source];
    const std::string extra = extra_of(node, first);
    if (!source.table) {
      return run_.send_row(row(source.alias, std::string("ALL"), {}, {}, {}, extra));
    }
    const Value name = source.alias;
    const Value type = std::string(type_of(node));
    if (node.path.kind == AccessKind::all) {
      return run_.send_row(row(name, type, {}, {}, {}, extra));
    }
    const TableSchema& schema = source.table->schema;
    const std::string& key = schema.indexes[node.path.index].name;
    const Value keys = node.path.kind == AccessKind::index ? Value() : Value(key);
    return run_.send_row(row(name, type, keys, key, key_length(*source.table, node.path), extra));
  }

  static std::string_view type_of(const JoinNode& node) {
    switch (node.path.kind) {
      case AccessKind::one_row: {
        const bool alone = std::all_of(
            node.filters.begin(), node.filters.end(),
            [&](const Conjunct& filter) { return (filter.sources & ~set_of(node.source)) == 0; });
        return alone ? "const" : "eq_ref";
      }
      case AccessKind::ref: return "ref";
      case AccessKind::range: return "range";
      case AccessKind::index: return "index";
      case AccessKind::all: break;
    }
    return "ALL";
  }

  static Value key_length(const OpenTable& table, const AccessPath& path) {
    const Index& index = table.schema.indexes[path.index];
    const size_t parts =
        path.kind == AccessKind::index ? index.parts.size() : path.conditions.size();
    size_t bytes = 0;
    for (size_t i = 0; i < parts; ++i) {
      const IndexColumn& part = index.parts[i];
      bytes += key_bytes(table.schema.columns[part.column], table.codecs[part.column],
                         part.prefix_chars);
    }
    return std::to_string(bytes);
  }

  std::string extra_of(const JoinNode& node, bool first) const {
    std::string extra;
    const auto add = [&](std::string_view what) {
      if (!extra.empty()) extra += "; ";
      extra += what;
    };
    if (!node.filters.empty() && node.path.kind != AccessKind::one_row) add("Using where");
    if (first && (plan_.is_grouped() || plan_.distinct)) add("Using temporary");
    if (first && !plan_.order_by.empty() && !plan_.order_comes_by_itself) add("Using filesort");
    return extra;
  }

  StatementRun& run_;
  const SelectPlan& plan_;
};

}  // namespace

void run_explain(StatementRun& run, const ExplainStatement& statement) {
  const auto* query = std::get_if<Query>(&statement.statement);
  const bool traditional = statement.format.empty() || statement.format == "TRADITIONAL";
  if (query == nullptr || !traditional || statement.analyze) {
    run.fail(ErrorName::not_supported_yet, {"this EXPLAIN"});
    return;
  }
  with_plan(run, *query, [&](const SelectPlan& plan) { ExplainRun(run, plan).execute(); });
}

}  // namespace aftersync::sql
