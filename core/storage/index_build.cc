// IndexBuild: sorted runs; the first one loaded, the others inserted.
#include "core/storage/index_build.h"

#include <algorithm>

#include "core/base/probe.h"

namespace aftersync::storage {

Status IndexBuild::add(const Row& row, std::string_view clustered_key) {
  Entry entry;
  entry.clustered_bytes = static_cast<uint16_t>(clustered_key.size());
  RETURN_IF_ERROR(table_.append_key(index_, row, entry.key, &entry.has_null));
  entry.key += clustered_key;
  bytes_ += sizeof entry + entry.key.capacity();
  run_.push_back(std::move(entry));
  return bytes_ < run_bytes_ ? Status() : write_run();
}

Status IndexBuild::finish() { return run_.empty() ? Status() : write_run(); }

Status IndexBuild::write_run() {
  std::sort(run_.begin(), run_.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  RETURN_IF_ERROR(check_neighbours());
  RETURN_IF_ERROR(is_first_ ? load_run() : insert_run());
  is_first_ = false;
  run_.clear();
  bytes_ = 0;
  return {};
}

// NULL is not equal to NULL.
Status IndexBuild::check_neighbours() const {
  if (!table_.def().indexes[index_].unique) return {};
  for (size_t i = 1; i < run_.size(); ++i) {
    if (run_[i].has_null || run_[i].columns() != run_[i - 1].columns()) continue;
    return {Code::duplicate_key, table_.def().indexes[index_].name};
  }
  return {};
}

Status IndexBuild::load_run() {
  BulkLoader loader(table_.tree(index_));
  for (const Entry& entry : run_) {
    const std::string_view key = entry.key;
    const std::string_view clustered = key.substr(key.size() - entry.clustered_bytes);
    RETURN_IF_ERROR(loader.add(key, Table::entry_value(clustered)));
  }
  return loader.finish().status();
}

Status IndexBuild::insert_run() {
  PROBE("index-build: more than one run");
  for (const Entry& entry : run_) {
    RETURN_IF_ERROR(
        rows_.add_entry(table_, index_, entry.key, entry.clustered_bytes, entry.has_null));
  }
  return {};
}

}  // namespace aftersync::storage
