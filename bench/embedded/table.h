// Table: a store filled with rows, in a scratch folder of its own, ready to be measured.
//
// What "ready" means is the same for all: loaded, background work done, closed, opened again (so
// that what is measured is what the store made of the data, not the traces of its loading), every
// row read and checked (which warms the cache), then random reads until a cache smaller than the
// data holds what it would hold in the long run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/embedded/scratch.h"
#include "bench/embedded/store.h"
#include "bench/embedded/workload.h"

namespace aftersync::bench {

struct TableSize {
  uint64_t rows = 0;
  uint64_t cache_bytes = 0;
  friend bool operator==(const TableSize&, const TableSize&) = default;
};

class Table {
 public:
  // A folder for the table is made below `parent`; nothing is loaded yet.
  Table(const StoreKind& kind, const TableSize& size, const std::string& parent);

  // Opens the store and loads all rows, durably or not. Once.
  Outcome load(Durability durability);
  // As described above; load() must have been called.
  void make_ready();

  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] const StoreKind& kind() const { return kind_; }
  [[nodiscard]] const TableSize& size() const { return size_; }
  // What the files take on the device beyond what they took while the table was empty (a log that
  // is made in full at once, for instance).
  [[nodiscard]] uint64_t disk_bytes() const {
    const uint64_t bytes = scratch_.disk_bytes();
    return bytes - std::min(bytes, empty_disk_bytes_);
  }

 private:
  void open(Durability durability);

  const StoreKind& kind_;
  const TableSize size_;
  ScratchFolder scratch_;
  uint64_t empty_disk_bytes_ = 0;
  std::unique_ptr<Store> store_;  // goes before its folder does
};

// The one table that is open: a benchmark asks for what it needs, and finds it there when the one
// before needed the same. One at a time, so that no store's background work or memory disturbs
// another's figures.
class TableInUse {
 public:
  explicit TableInUse(std::string parent) : parent_(std::move(parent)) {}

  // An empty table, whatever was there before.
  Table& fresh(const StoreKind& kind, const TableSize& size);
  // A ready one.
  Table& ready(const StoreKind& kind, const TableSize& size);
  void drop() { table_.reset(); }
  [[nodiscard]] const std::string& parent() const { return parent_; }

 private:
  const std::string parent_;
  std::unique_ptr<Table> table_;
  bool is_ready_ = false;
};

}  // namespace aftersync::bench
