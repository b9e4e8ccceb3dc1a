// The checkers of tables and catalog: rows and entries are gathered through the tree checker, so
// that nothing that is read here has gone unjudged.
#include "core/storage/table_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/storage/catalog_format.h"
#include "core/storage/engine.h"
#include "core/storage/overflow.h"
#include "core/storage/row_format.h"
#include "core/storage/space_check.h"
#include "core/storage/system_page.h"
#include "core/storage/table.h"

namespace aftersync::storage {

namespace {

std::string shown(std::string_view key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  constexpr size_t kShown = 24;
  std::string text = "0x";
  for (const char c : key.substr(0, kShown)) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return key.size() > kShown ? text + "..." : text;
}

// The row in a record of a clustered leaf.
Result<Row> row_of(PageReader& reader, const TableDef& def, const RecordView& record) {
  if (record.value.size() < kSystemBytes) {
    return {Code::corruption, "a record without system columns"};
  }
  const std::string_view in_leaf = record.value.substr(kSystemBytes);
  if (!record.is_overflow()) return decode_row(def.columns, in_leaf);
  ASSIGN_OR_RETURN(const std::string whole, read_overflow(reader, def.indexes[0].tree, in_leaf));
  return decode_row(def.columns, whole);
}

class TableCheck {
 public:
  TableCheck(PageReader& reader, const TableDef& def) : reader_(reader), def_(def) {}
  [[nodiscard]] Result<TableReport> run();

 private:
  Status clustered();
  Status secondary(size_t index);
  Status segments();
  [[nodiscard]] Status wrong(size_t index, const std::string& what) const {
    return {Code::corruption, space_path(def_.space) + ": table '" + def_.name + "', index '" +
                                  def_.indexes[index].name + "': " + what};
  }

  PageReader& reader_;
  const TableDef& def_;
  SpaceMap map_;
  TableReport report_;
  // For each secondary index, the keys that its entries must have.
  std::vector<std::vector<std::string>> expected_;
};

Result<TableReport> TableCheck::run() {
  ASSIGN_OR_RETURN(map_, check_space(reader_, def_.space));
  expected_.resize(def_.indexes.size());
  RETURN_IF_ERROR(clustered());
  for (size_t i = 1; i < def_.indexes.size(); ++i) RETURN_IF_ERROR(secondary(i));
  RETURN_IF_ERROR(segments());
  return std::move(report_);
}

Status TableCheck::clustered() {
  const auto on_record = [&](const RecordView& record) -> Status {
    const auto row = row_of(reader_, def_, record);
    if (!row.ok()) return wrong(0, "row " + shown(record.key) + ": " + row.status().to_string());
    if (record.is_delete_marked()) return {};
    ++report_.rows;
    for (size_t i = 1; i < def_.indexes.size(); ++i) {
      std::string key;
      RETURN_IF_ERROR(append_index_key(def_, i, *row, key));
      expected_[i].push_back(key.append(record.key));
    }
    return {};
  };
  ASSIGN_OR_RETURN(TreeReport tree, check_tree(reader_, map_, def_.indexes[0].tree, on_record));
  report_.trees.push_back(tree);
  return {};
}

// The entries come in order, so they are met one by one by the keys expected, once those are
// sorted.
Status TableCheck::secondary(size_t index) {
  std::vector<std::string> expected = std::move(expected_[index]);
  std::sort(expected.begin(), expected.end());
  size_t at = 0;
  const auto on_record = [&](const RecordView& record) -> Status {
    const auto key = Table::clustered_key_of(record);
    if (!key.ok()) return wrong(index, key.status().to_string());
    if (record.is_delete_marked()) return {};
    if (at == expected.size() || record.key < expected[at]) {
      return wrong(index, "entry " + shown(record.key) + ": expected a row for it, found none");
    }
    if (record.key > expected[at]) {
      return wrong(index, "a row: expected the entry " + shown(expected[at]) + ", found none");
    }
    ++at;
    return {};
  };
  ASSIGN_OR_RETURN(TreeReport tree, check_tree(reader_, map_, def_.indexes[index].tree, on_record));
  report_.trees.push_back(tree);
  if (at == expected.size()) return {};
  return wrong(index, "a row: expected the entry " + shown(expected[at]) + ", found none");
}

// Every segment is one of a tree's, or of an index that a crash has left half made.
Status TableCheck::segments() {
  std::set<uint32_t> known;
  const auto add = [&](const TreeRoot& tree) {
    for (const SegmentNo segment : {tree.leaves, tree.inner, tree.overflow}) {
      known.insert(segment.value());
    }
  };
  for (size_t i = 0; i < def_.indexes.size(); ++i) {
    const TreeRoot& tree = def_.indexes[i].tree;
    add(tree);
    const uint64_t reached = report_.trees[i].overflow_pages;
    report_.unreached_overflow_pages += map_.pages_of(tree.overflow) - reached;
  }
  ASSIGN_OR_RETURN(
      const PageCopy header,
      copy_page(reader_, {def_.space, space_format::kHeaderPage}, PageType::space_header));
  const char* const owner = header.get() + space_format::kOwnerAt;
  if (load_be<uint32_t>(owner) != 0) add(load_tree(owner + 4, IndexId(), def_.space));
  for (const auto& [segment, pages] : map_.pages) {
    if (known.contains(segment)) continue;
    return {Code::corruption, space_path(def_.space) + ": segment " + std::to_string(segment) +
                                  " of " + std::to_string(pages) +
                                  " pages: expected an index that owns it, found none"};
  }
  return {};
}

}  // namespace

Result<TableReport> check_table(PageReader& reader, const TableDef& def) {
  return TableCheck(reader, def).run();
}

Result<std::vector<TableDef>> check_catalog(PageReader& reader) {
  ASSIGN_OR_RETURN(const PageCopy page,
                   copy_page(reader, {kSystemSpace, catalog_format::kPage}, PageType::system));
  ASSIGN_OR_RETURN(const TreeRoot tree, SystemPage::judge(page.get()));
  const TableDef tables = tables_definition(tree);
  ASSIGN_OR_RETURN(const SpaceMap map, check_space(reader, kSystemSpace));
  std::vector<TableDef> defs;
  const auto on_record = [&](const RecordView& record) -> Status {
    ASSIGN_OR_RETURN(const Row row, row_of(reader, tables, record));
    if (record.is_delete_marked()) return {};
    ASSIGN_OR_RETURN(TableDef def, decode_table_def(std::get<std::string>(row[1])));
    defs.push_back(std::move(def));
    return {};
  };
  const auto sound = check_tree(reader, map, tree, on_record);
  RETURN_IF_ERROR(sound.status().in("the tree of tables"));
  return defs;
}

}  // namespace aftersync::storage
