// Engine: tables and indexes come and go. How each statement survives a crash is told in engine.h.
#include <algorithm>
#include <set>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/limits.h"
#include "core/base/probe.h"
#include "core/storage/catalog_format.h"
#include "core/storage/engine.h"
#include "core/storage/segment.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::storage {

namespace {

Status check_parts(const TableDef& def, IndexDef& index) {
  if (index.parts.size() > limits::kMaxKeyParts) {
    return {Code::too_large, "index '" + index.name + "': " + std::to_string(index.parts.size()) +
                                 " columns, at most " + std::to_string(limits::kMaxKeyParts)};
  }
  for (KeyPart& part : index.parts) {
    if (part.column >= def.columns.size()) {
      return {Code::invalid_argument,
              "index '" + index.name + "': no column number " + std::to_string(part.column)};
    }
    describe_part(def.columns[part.column], part);
  }
  return {};
}

Status check_name_is_new(const TableDef& def, const IndexDef& index) {
  const auto same_name = [&](const IndexDef& other) {
    return &other != &index && other.name == index.name;
  };
  if (std::any_of(def.indexes.begin(), def.indexes.end(), same_name)) {
    return {Code::already_exists, "index '" + index.name + "' of table '" + def.name + "'"};
  }
  return {};
}

Status check_definition(TableDef& def) {
  const auto refuse = [&](const std::string& why) {
    return Status(Code::invalid_argument, "table '" + def.name + "': " + why);
  };
  if (def.name.empty()) return refuse("needs a name");
  if (def.columns.empty() || def.columns.size() > limits::kMaxColumns) {
    return refuse(std::to_string(def.columns.size()) + " columns");
  }
  if (def.indexes.empty()) return refuse("needs a clustered index");
  if (def.indexes.size() > limits::kMaxIndexesPerTable + 1) return refuse("too many indexes");
  for (IndexDef& index : def.indexes) {
    RETURN_IF_ERROR(check_parts(def, index));
    RETURN_IF_ERROR(check_name_is_new(def, index));
  }
  for (const KeyPart& part : def.indexes[0].parts) {
    if (part.nullable) return refuse("a column of the clustered index may be NULL");
    if (part.prefix_chars != 0) return refuse("the clustered index may not cut its columns");
  }
  for (size_t i = 1; i < def.indexes.size(); ++i) {
    if (def.indexes[i].parts.empty()) return refuse("an index without columns");
  }
  return {};
}

}  // namespace

// --- the catalog in memory ---

Result<std::shared_ptr<Table>> Engine::open_table(std::string_view name) {
  std::shared_ptr<Table> table;
  {
    const MutexLock lock(catalog_mutex_);
    const auto it = by_name_.find(name);
    if (it == by_name_.end()) {
      return {Code::not_found, "no table '" + std::string(name) + "'"};
    }
    table = it->second;
  }
  RETURN_IF_ERROR(table->usable(*store_));
  return table;
}

std::vector<std::string> Engine::list_tables() {
  const MutexLock lock(catalog_mutex_);
  std::vector<std::string> names;
  for (const auto& [name, table] : by_name_) names.push_back(name);
  return names;
}

std::shared_ptr<Table> Engine::find_table(TableId id) {
  if (id == catalog_format::kTablesTable) return tables_table_;
  const MutexLock lock(catalog_mutex_);
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

void Engine::publish(std::shared_ptr<Table> table) {
  const MutexLock lock(catalog_mutex_);
  by_id_[table->id()] = table;
  by_name_.insert_or_assign(table->def().name, std::move(table));
}

void Engine::forget(const Table& table, std::string_view name) {
  const MutexLock lock(catalog_mutex_);
  by_id_.erase(table.id());
  const auto it = by_name_.find(name);
  if (it != by_name_.end() && it->second.get() == &table) by_name_.erase(it);
}

// --- the catalog on disk ---

// One transaction: takes away the definition of `remove_name` (if not empty), adds `insert` (if not
// null). Durable on return whatever flush_mode says: files follow.
Status Engine::change_catalog(std::string_view remove_name, const TableDef* insert) {
  Transaction trx;
  const auto change = [&]() -> Status {
    if (!remove_name.empty()) {
      ASSIGN_OR_RETURN(const std::string key,
                       primary_key(*tables_table_, Row{std::string(remove_name)}));
      RETURN_IF_ERROR(remove(trx, *tables_table_, key));
    }
    if (insert == nullptr) return {};
    return this->insert(trx, *tables_table_, Row{insert->name, encode_table_def(*insert)});
  };
  const Status changed = change();
  if (!changed.ok()) {
    RETURN_IF_ERROR(rollback(trx));
    return changed;
  }
  RETURN_IF_ERROR(commit(trx));
  store_->log().flush_to(store_->log().end());
  return {};
}

Status Engine::load_catalog() {
  TreeCursor cursor(tables_table_->tree(0));
  ASSIGN_OR_RETURN(bool on_row, cursor.first());
  while (on_row) {
    const std::string key(cursor.record().key);
    ASSIGN_OR_RETURN(const auto row, get(*tables_table_, key));
    if (row) {
      ASSIGN_OR_RETURN(TableDef def, decode_table_def(std::get<std::string>((*row)[1])));
      Status opened = store_->spaces().find(def.space).status();
      if (!opened.ok()) opened = store_->spaces().open(def.space).status();
      auto table = std::make_shared<Table>(*store_, std::move(def));
      if (!opened.ok()) {
        node_.error_log().write(Severity::error,
                                "table '" + table->def().name + "': " + opened.to_string());
        table->set_lost(opened);
      }
      publish(std::move(table));
    }
    ASSIGN_OR_RETURN(on_row, cursor.next());
  }
  return {};
}

// Files and segments of definitions that never came to be, or have ceased to be.
Status Engine::remove_orphans() {
  std::set<SpaceId> known;
  std::vector<std::shared_ptr<Table>> tables;
  {
    const MutexLock lock(catalog_mutex_);
    for (const auto& [id, table] : by_id_) tables.push_back(table);
  }
  for (const auto& table : tables) {
    known.insert(table->def().space);
    if (!table->usable(*store_).ok()) continue;
    const Status finished = finish_pending(*table);
    if (!finished.ok() && !is_out_of_use(table.get())) return finished;
  }
  ASSIGN_OR_RETURN(const std::vector<SpaceId> files, store_->spaces().list_files());
  for (const SpaceId space : files) {
    if (known.contains(space)) continue;
    PROBE("engine/orphan-file-removed");
    node_.error_log().write(Severity::note,
                            "removing " + space_path(space) + ", which belongs to no table");
    RETURN_IF_ERROR(store_->drop_space(space));
  }
  return {};
}

// What follows the commit of a definition change cannot make it fail any more: what is left over is
// removed at the next start.
void Engine::after_commit(const Status& status) {
  if (status.ok()) return;
  PROBE("engine/left-over-of-a-definition-change");
  node_.error_log().write(Severity::warning,
                          "a definition change has left something behind: " + status.to_string());
}

// --- tables ---

Status Engine::give_ids(TableDef& def) {
  ASSIGN_OR_RETURN(const uint64_t id, system_.next_id());
  def.id = TableId(id);
  ASSIGN_OR_RETURN(def.space, system_.next_space());
  for (IndexDef& index : def.indexes) {
    ASSIGN_OR_RETURN(const uint64_t index_id, system_.next_id());
    index.id = IndexId(index_id);
  }
  return {};
}

// Makes the file and the trees of a definition that is not in the catalog yet.
Status Engine::create_trees(TableDef& def) {
  RETURN_IF_ERROR(store_->create_space(def.space));
  for (IndexDef& index : def.indexes) {
    SpaceAllocator allocator(*store_);
    ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve_fragments(def.space, 1));
    Mtr mtr(*store_, kLargeMtr);
    RETURN_IF_ERROR(mtr.ready());
    ASSIGN_OR_RETURN(index.tree, BTree::create(*store_, mtr, def.space, index.id, reservation));
    mtr.commit();
  }
  return {};
}

Result<std::shared_ptr<Table>> Engine::create_table(TableDef def) {
  return create_filled_table(std::move(def), [](Row&) -> Result<bool> { return false; });
}

Result<std::shared_ptr<Table>> Engine::create_filled_table(TableDef def, const RowSource& next) {
  const MutexLock lock(ddl_mutex_);
  RETURN_IF_ERROR(check_definition(def));
  if (open_table(def.name).code() != Code::not_found) {
    return {Code::already_exists, "table '" + def.name + "'"};
  }
  RETURN_IF_ERROR(give_ids(def));
  Status made = create_trees(def);
  if (made.ok()) made = load_rows(def, next);
  if (made.ok()) made = change_catalog({}, &def);
  if (!made.ok()) {
    RETURN_IF_ERROR(store_->drop_space(def.space));
    return made;
  }
  auto table = std::make_shared<Table>(*store_, std::move(def));
  publish(table);
  return table;
}

Status Engine::drop_table(std::string_view name) {
  const MutexLock lock(ddl_mutex_);
  std::shared_ptr<Table> table;
  {
    const MutexLock catalog(catalog_mutex_);
    const auto it = by_name_.find(name);
    if (it == by_name_.end()) return {Code::not_found, "no table '" + std::string(name) + "'"};
    table = it->second;
  }
  RETURN_IF_ERROR(change_catalog(name, nullptr));
  forget(*table, name);
  const ExclusiveLock latch(table->latch());
  after_commit(store_->drop_space(table->def().space));
  return {};
}

Status Engine::truncate_table(std::string_view name) {
  const MutexLock lock(ddl_mutex_);
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> old, open_table(name));
  TableDef def = old->def();
  RETURN_IF_ERROR(give_ids(def));
  Status made = create_trees(def);
  if (made.ok()) made = change_catalog(name, &def);
  if (!made.ok()) {
    RETURN_IF_ERROR(store_->drop_space(def.space));
    return made;
  }
  forget(*old, name);
  publish(std::make_shared<Table>(*store_, std::move(def)));
  const ExclusiveLock latch(old->latch());
  after_commit(store_->drop_space(old->def().space));
  return {};
}

Status Engine::rename_table(std::string_view from, std::string_view to) {
  const MutexLock lock(ddl_mutex_);
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, open_table(from));
  if (open_table(to).code() != Code::not_found) {
    return {Code::already_exists, "table '" + std::string(to) + "'"};
  }
  TableDef def = table->def();
  def.name = to;
  RETURN_IF_ERROR(check_definition(def));
  RETURN_IF_ERROR(change_catalog(from, &def));
  {
    const ExclusiveLock latch(table->latch());
    table->redefine(*store_, std::move(def));
  }
  const MutexLock catalog(catalog_mutex_);
  // By its id it can be found all the while: purge takes a table that it does not find for dropped.
  by_name_.erase(by_name_.find(from));
  by_name_.insert_or_assign(table->def().name, table);
  return {};
}

// --- indexes ---

// Notes in the table's space that `tree` is being made or dropped; null: that this is done.
Status Engine::note_pending(SpaceId space, const TreeRoot* tree) {
  Mtr mtr(*store_);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(Frame * header, mtr.fetch({space, space_format::kHeaderPage}, Latch::exclusive,
                                             PageType::space_header));
  char bytes[catalog_format::kPendingBytes] = {};
  store_be(bytes, uint32_t{tree != nullptr});
  if (tree != nullptr) store_tree(bytes + 4, *tree);
  mtr.set_bytes(header, space_format::kOwnerAt, {bytes, sizeof bytes});
  mtr.commit();
  return {};
}

// After a crash: gives back the segments of an index that the catalog does not know.
Status Engine::finish_pending(const Table& table) {
  const SpaceId space = table.def().space;
  TreeRoot tree;
  {
    const PinBudget budget(store_->pool(), kReadPins);
    ASSIGN_OR_RETURN(const PageRef header,
                     store_->pool().fetch({space, space_format::kHeaderPage}, Latch::shared,
                                          PageType::space_header));
    const char* owner = header.bytes() + space_format::kOwnerAt;
    if (load_be<uint32_t>(owner) == 0) return {};
    tree = load_tree(owner + 4, IndexId(), space);
  }
  const auto& indexes = table.def().indexes;
  const bool is_known = std::any_of(indexes.begin(), indexes.end(), [&](const IndexDef& index) {
    return index.tree.root == tree.root;
  });
  PROBE("engine/interrupted-index-change-finished");
  if (!is_known) RETURN_IF_ERROR(free_tree(tree));
  return note_pending(space, nullptr);
}

// In steps; a crash in between leaves less to do. The note is taken away by the caller.
Status Engine::free_tree(const TreeRoot& tree) {
  SpaceAllocator allocator(*store_);
  for (const SegmentNo segment : {tree.leaves, tree.inner, tree.overflow}) {
    for (bool done = false; !done;) {
      Mtr mtr(*store_);
      RETURN_IF_ERROR(mtr.ready());
      const Result<bool> step = allocator.free_segment_step(mtr, tree.space, segment);
      // Not in use: given back before a crash.
      if (!step.ok() && step.code() != Code::invalid_argument) return step.status();
      done = !step.ok() || *step;
      mtr.commit();
    }
  }
  return {};
}

// The tree and the note that it is in the making, in one mini-transaction.
Status Engine::make_pending_tree(IndexDef& index, SpaceId space) {
  SpaceAllocator allocator(*store_);
  ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve_fragments(space, 1));
  Mtr mtr(*store_, kLargeMtr);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(index.tree, BTree::create(*store_, mtr, space, index.id, reservation));
  ASSIGN_OR_RETURN(Frame * header, mtr.fetch({space, space_format::kHeaderPage}, Latch::exclusive,
                                             PageType::space_header));
  char bytes[catalog_format::kPendingBytes] = {};
  store_be(bytes, uint32_t{1});
  store_tree(bytes + 4, index.tree);
  mtr.set_bytes(header, space_format::kOwnerAt, {bytes, sizeof bytes});
  mtr.commit();
  return {};
}

Status Engine::add_index(std::string_view table_name, IndexDef index) {
  const MutexLock lock(ddl_mutex_);
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, open_table(table_name));
  const ExclusiveLock latch(table->latch());
  TableDef def = table->def();
  ASSIGN_OR_RETURN(const uint64_t id, system_.next_id());
  index.id = IndexId(id);
  def.indexes.push_back(std::move(index));
  RETURN_IF_ERROR(check_definition(def));
  RETURN_IF_ERROR(make_pending_tree(def.indexes.back(), def.space));
  Table building(*store_, def);
  Status made = fill_index(building, def.indexes.size() - 1);
  if (made.ok()) made = change_catalog(table_name, &def);
  if (!made.ok()) {
    RETURN_IF_ERROR(free_tree(def.indexes.back().tree));
    RETURN_IF_ERROR(note_pending(def.space, nullptr));
    return made;
  }
  table->redefine(*store_, def);
  after_commit(note_pending(def.space, nullptr));
  return {};
}

Status Engine::drop_index(std::string_view table_name, std::string_view index_name) {
  const MutexLock lock(ddl_mutex_);
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, open_table(table_name));
  const ExclusiveLock latch(table->latch());
  ASSIGN_OR_RETURN(const size_t index, table->find_index(index_name));
  if (index == 0) {
    return {Code::unsupported, "the clustered index '" + std::string(index_name) + "' of table '" +
                                   std::string(table_name) + "' cannot be dropped"};
  }
  TableDef def = table->def();
  const TreeRoot tree = def.indexes[index].tree;
  def.indexes.erase(def.indexes.begin() + static_cast<std::ptrdiff_t>(index));
  RETURN_IF_ERROR(note_pending(def.space, &tree));
  const Status changed = change_catalog(table_name, &def);
  if (!changed.ok()) {
    after_commit(note_pending(def.space, nullptr));
    return changed;
  }
  table->redefine(*store_, def);
  Status freed = free_tree(tree);
  if (freed.ok()) freed = note_pending(def.space, nullptr);
  after_commit(freed);
  return {};
}

}  // namespace aftersync::storage
