// StoreOnDisk: the files of a small store, to be damaged.
//
// Two tables, "left" and "right", each with rows of a few bytes and of several pages, a secondary
// index, leaves and inner nodes, and undo that nobody has purged. Made once and closed in good
// order; each StoreOnDisk is a copy.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/base/coding.h"
#include "core/base/status.h"
#include "core/storage/engine.h"
#include "proptests/platform/temporary_directory_posix.h"

namespace aftersync {

// Columns (id, group, text): the primary key, an index, and room for long values.
[[nodiscard]] storage::TableDef grouped_table(const std::string& name);

// `value` as formats have it.
template <typename Integer>
std::string be(Integer value) {
  std::string bytes;
  append_be(bytes, value);
  return bytes;
}

class StoreOnDisk {
 public:
  static constexpr int64_t kRows = 900;  // of each table

  StoreOnDisk();

  [[nodiscard]] std::string directory() const { return directory_.path() + "/data"; }
  [[nodiscard]] std::string path(const std::string& name) const { return directory() + "/" + name; }
  // "tables/16.ibd" and the like.
  [[nodiscard]] std::string read(const std::string& name) const;
  void write(const std::string& name, const std::string& bytes) const;
  // Every file, by name.
  [[nodiscard]] std::map<std::string, std::string> contents() const;
  [[nodiscard]] std::string error_log() const;

  // Replaces bytes of a page; `seal`: and its checksum, so that only what they mean is wrong.
  void patch(const std::string& name, uint32_t page, size_t offset, const std::string& bytes,
             bool seal) const;
  // The first page of the file for which `is_it` holds. CHECK: there is one.
  [[nodiscard]] uint32_t find_page(const std::string& name,
                                   const std::function<bool(const char*)>& is_it) const;

  // Part of a long value that a row refers to now. (The first chains belong to undo.)
  [[nodiscard]] uint32_t find_long_value(const std::string& name) const;

  // Opens the engine for `body`, then drops it as a crash would; Engine::close() is up to `body`.
  Status with_engine(const std::function<void(storage::Engine&)>& body) const;

  // The row with a primary key: (id, group, text).
  [[nodiscard]] static storage::Row row(int64_t id, size_t text_bytes);
  [[nodiscard]] static std::string key_of(storage::Table& table, int64_t id);
  // How many rows a scan of an index shows.
  [[nodiscard]] static Result<int64_t> count(storage::Engine& engine, const std::string& table,
                                             size_t index);

 private:
  TemporaryDirectory directory_{quick_directory()};
};

}  // namespace aftersync
