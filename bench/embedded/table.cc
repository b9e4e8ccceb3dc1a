// See table.h. A load whose time is not asked for is not synced: it would only take longer.
#include "bench/embedded/table.h"

#include "core/base/check.h"

namespace aftersync::bench {

Table::Table(const StoreKind& kind, const TableSize& size, const std::string& parent)
    : kind_(kind), size_(size), scratch_(parent) {}

void Table::open(Durability durability) {
  store_.reset();
  StoreOptions options;
  options.directory = scratch_.path();
  options.cache_bytes = size_.cache_bytes;
  options.data_bytes = size_.rows * kRowBytes;
  options.durability = durability;
  store_ = kind_.open(options);
}

Outcome Table::load(Durability durability) {
  CHECK(store_ == nullptr);
  open(durability);
  empty_disk_bytes_ = scratch_.disk_bytes();
  return load_rows(*store_, 0, size_.rows);
}

void Table::make_ready() {
  store_->settle();
  open(Durability::synced);
  store_->settle();
  verify_rows(*store_, size_.rows);
  if (size_.cache_bytes < size_.rows * kRowBytes) {
    run(*store_, {.rows = size_.rows, .count = size_.rows / 10});
  }
}

Table& TableInUse::fresh(const StoreKind& kind, const TableSize& size) {
  table_.reset();
  table_ = std::make_unique<Table>(kind, size, parent_);
  is_ready_ = false;
  return *table_;
}

Table& TableInUse::ready(const StoreKind& kind, const TableSize& size) {
  if (table_ == nullptr || &table_->kind() != &kind || table_->size() != size) {
    fresh(kind, size).load(Durability::lazy);
  }
  if (!is_ready_) table_->make_ready();
  is_ready_ = true;
  return *table_;
}

}  // namespace aftersync::bench
