// Small tables, their columns and filters.
#include "core/server/listing.h"

#include "core/server/option_spec.h"
#include "core/sql/eval/bind.h"
#include "core/sql/eval/compare.h"

namespace aftersync::server {

namespace {

class ListingScope : public sql::ColumnScope {
 public:
  explicit ListingScope(const Listing& listing) : listing_(listing) {}

  std::optional<std::pair<uint32_t, sql::TypeInfo>> find(
      const sql::ColumnName& name) const override {
    for (uint32_t i = 0; i < listing_.columns.size(); ++i) {
      if (equals_ignoring_case(listing_.columns[i].name, name.column)) {
        return std::pair(i, listing_.columns[i].type);
      }
    }
    return std::nullopt;
  }

 private:
  const Listing& listing_;
};

// A text, as long as nothing else is said.
sql::ResultColumn column_of(std::string_view name, sql::TypeName type) {
  sql::ResultColumn column;
  column.name = column.original_name = name;
  column.type.type = sql::TypeClass::string;
  column.declared = sql::ColumnTypeSpec{};
  column.declared->name = type;
  if (type != sql::TypeName::bigint) {
    column.declared->charset = "utf8mb4";
    column.declared->collation = "utf8mb4_general_ci";
  }
  return column;
}

}  // namespace

Listing& Listing::text(std::string_view name, uint32_t chars) {
  columns.push_back(column_of(name, sql::TypeName::varchar));
  columns.back().declared->length = chars;
  return *this;
}

Listing& Listing::long_text(std::string_view name) {
  columns.push_back(column_of(name, sql::TypeName::longtext));
  return *this;
}

Listing& Listing::number(std::string_view name) {
  columns.push_back(column_of(name, sql::TypeName::bigint));
  columns.back().type = {.type = sql::TypeClass::integer, .is_unsigned = true};
  columns.back().declared->is_unsigned = true;
  return *this;
}

bool matches_like(std::string_view text, std::string_view pattern) {
  return sql::matches_like(storage::Collation::utf8mb4_general_ci, text, pattern, "\\");
}

std::optional<sql::SqlError> filter(Listing& listing, const sql::ShowStatement& show,
                                    size_t like_column) {
  if (show.like) {
    std::erase_if(listing.rows, [&](const std::vector<sql::Value>& row) {
      const auto* text = std::get_if<std::string>(&row[like_column]);
      return text == nullptr || !matches_like(*text, show.like->text);
    });
  }
  if (!show.where) return std::nullopt;
  const ListingScope scope(listing);
  const auto bound = sql::bind(*show.where, scope);
  if (const auto* error = std::get_if<sql::SqlError>(&bound)) return *error;
  const auto& condition = std::get<sql::BoundExpr>(bound);
  sql::Diagnostics diagnostics;
  std::erase_if(listing.rows, [&](const std::vector<sql::Value>& row) {
    sql::EvalContext context{diagnostics, row, {}};
    const sql::Value value = condition.evaluate(context);
    return sql::is_null(value) || !sql::to_truth(value, diagnostics);
  });
  if (diagnostics.failed()) return diagnostics.error();
  return std::nullopt;
}

}  // namespace aftersync::server
