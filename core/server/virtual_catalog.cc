// Tables that are computed.
#include "core/server/virtual_catalog.h"

#include <algorithm>

namespace aftersync::server {

namespace {

constexpr std::string_view kDatabases[] = {"information_schema", "mysql", "performance_schema"};

std::span<const VirtualTableSpec> tables_of(std::string_view database) {
  if (equals_ignoring_case(database, "information_schema")) return schema_tables();
  if (equals_ignoring_case(database, "performance_schema")) return performance_tables();
  if (database == "mysql") return account_tables();
  return {};
}

void declare(Listing& listing, std::string_view columns) {
  constexpr uint32_t kNameChars = 512;
  while (!columns.empty()) {
    const size_t end = std::min(columns.find(' '), columns.size());
    const std::string_view name = columns.substr(0, end);
    columns.remove_prefix(std::min(end + 1, columns.size()));
    if (name.starts_with('*')) {
      listing.number(name.substr(1));
    } else if (name.starts_with('+')) {
      listing.long_text(name.substr(1));
    } else {
      listing.text(name, kNameChars);
    }
  }
}

}  // namespace

Listing listing_of(const VirtualTableSpec& spec, CatalogView& view) {
  Listing listing;
  declare(listing, spec.columns);
  if (spec.rows != nullptr) spec.rows(view, listing.rows);
  return listing;
}

const VirtualTableSpec* find_virtual_table(std::string_view database, std::string_view table) {
  const std::span<const VirtualTableSpec> tables = tables_of(database);
  const auto found = std::ranges::find_if(
      tables, [&](const VirtualTableSpec& one) { return equals_ignoring_case(one.name, table); });
  return found == tables.end() ? nullptr : &*found;
}

class VirtualCatalog::Table : public sql::VirtualTable {
 public:
  Table(const VirtualTableSpec& spec, CatalogView& view) : spec_(spec), view_(view) {
    Listing listing;
    declare(listing, spec.columns);
    for (const sql::ResultColumn& column : listing.columns) {
      columns_.push_back({column.name, *column.declared});
    }
  }

  [[nodiscard]] const VirtualTableSpec& spec() const { return spec_; }
  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  std::variant<std::vector<std::vector<sql::Value>>, sql::SqlError> rows() override {
    return listing_of(spec_, view_).rows;
  }

 private:
  const VirtualTableSpec& spec_;
  CatalogView& view_;
  std::vector<Column> columns_;
};

VirtualCatalog::VirtualCatalog(CatalogView view) : view_(view) {}
VirtualCatalog::~VirtualCatalog() = default;

std::vector<std::string> VirtualCatalog::databases() {
  return {std::begin(kDatabases), std::end(kDatabases)};
}

bool VirtualCatalog::has_database(std::string_view database) {
  return !tables_of(database).empty();
}

std::vector<std::string> VirtualCatalog::tables(std::string_view database) {
  std::vector<std::string> names;
  for (const VirtualTableSpec& spec : tables_of(database)) names.emplace_back(spec.name);
  std::ranges::sort(names);
  return names;
}

sql::VirtualTable* VirtualCatalog::find(std::string_view database, std::string_view table) {
  const VirtualTableSpec* spec = find_virtual_table(database, table);
  if (spec == nullptr) return nullptr;
  for (const auto& opened : opened_) {
    if (&opened->spec() == spec) return opened.get();
  }
  return opened_.emplace_back(std::make_unique<Table>(*spec, view_)).get();
}

}  // namespace aftersync::server
