// The events that carry rows: which table, then its rows before and after.
//
//   Table_map (19): gives a table a number for the rows events that follow.
//        0     6  table id
//        6     2  flags
//        8     1  length of the database's name, then the name and a zero byte
//              1  length of the table's name, then the name and a zero byte
//              n  number of columns, length-encoded
//              n  a field type for each column
//              n  length of the metadata, length-encoded, then the metadata: field_type.h
//              n  a bit for each column, the lowest of a byte first: it may be NULL
//                 optional metadata: pieces of type (1), length (length-encoded), value
//   Write_rows (30), Update_rows (31), Delete_rows (32):
//        0     6  table id
//        6     2  flags: 1: the last of its statement; the table ids are void then
//        8     2  length of extra data, these two bytes included, then the data
//              n  number of columns, length-encoded
//              n  a bit for each column: it is in the images (before, where there are two)
//              n  Update_rows: a bit for each column: it is in the images after
//                 images to the end; Update_rows: pairs of one before and one after
//   Those of types 23 to 25, which MariaDB and MySQL 5.5 write, lack the extra data.
//   Image: a bit for each column that is in it: it is NULL; then the values of the others.
//
// Sources: MySQL internals, "TABLE_MAP_EVENT", "ROWS_EVENT".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/binlog/event.h"
#include "core/binlog/field_type.h"

namespace aftersync::binlog {

inline constexpr uint64_t kMaxTableId = (uint64_t{1} << 48) - 1;

struct MappedColumn {
  Field field;
  bool nullable = false;
  friend bool operator==(const MappedColumn&, const MappedColumn&) = default;
};

struct TableMap {
  uint64_t table_id = 0;
  uint16_t flags = 1;
  std::string database;
  std::string table;
  std::vector<MappedColumn> columns;
  std::string optional_metadata;

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static Result<TableMap> decode(std::string_view body);
};

// One row: a value for each column that is in the image, empty for NULL. Points into the event.
using RowImage = std::vector<std::optional<std::string_view>>;
// Which columns are in an image.
using ColumnSet = std::vector<bool>;

enum class RowsKind : uint8_t { write, update, remove };

// Builds the body of a rows event.
class RowsWriter {
 public:
  // `before`, `after`: by column of the table. Write has no images before, remove none after.
  RowsWriter(RowsKind kind, uint64_t table_id, bool ends_statement, const ColumnSet& before,
             const ColumnSet& after);

  // Images in the order of the rows; for an update the one before, then the one after.
  void append(const RowImage& image);
  // The rows event is the last of its statement after all.
  void end_statement();
  [[nodiscard]] const std::string& body() const { return body_; }
  [[nodiscard]] EventType type() const;

 private:
  const RowsKind kind_;
  std::string body_;
};

// Reads one: the header first, then the rows as they are asked for.
class RowsReader {
 public:
  // `map` is that of the event's table id, and must outlive it, as must `body`.
  [[nodiscard]] static Result<RowsReader> open(EventType type, std::string_view body,
                                               const TableMap& map);
  // The table id of a rows event, to find its map by.
  [[nodiscard]] static Result<uint64_t> table_id_of(std::string_view body);
  // The kind of a rows event, of either version; empty for other types.
  [[nodiscard]] static std::optional<RowsKind> kind_of(EventType type);

  [[nodiscard]] RowsKind kind() const { return kind_; }
  [[nodiscard]] bool ends_statement() const { return ends_statement_; }
  [[nodiscard]] const ColumnSet& before() const { return before_; }
  [[nodiscard]] const ColumnSet& after() const { return after_; }

  // The next row; false at the end. A write fills `after`, a remove `before`, an update both.
  // Code::corruption, naming the offset.
  [[nodiscard]] Result<bool> next(RowImage& before, RowImage& after);

 private:
  RowsReader(RowsKind kind, std::string_view body, const TableMap& map)
      : kind_(kind), body_(body), map_(&map) {}

  Status read_image(const ColumnSet& columns, RowImage& image);

  RowsKind kind_;
  std::string_view body_;
  const TableMap* map_;
  bool ends_statement_ = false;
  ColumnSet before_;
  ColumnSet after_;
  size_t at_ = 0;  // of the next image in body_
};

}  // namespace aftersync::binlog
