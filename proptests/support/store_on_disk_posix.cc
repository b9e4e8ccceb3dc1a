// StoreOnDisk: making the store once, copying, patching.
#include "proptests/support/store_on_disk_posix.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "core/platform/posix/posix_node.h"
#include "core/storage/page_check.h"
#include "core/storage/row_cursor.h"

namespace aftersync {

namespace fs = std::filesystem;
using storage::kPageBytes;

storage::TableDef grouped_table(const std::string& name) {
  storage::TableDef def;
  def.name = name;
  def.columns.resize(3);
  def.columns[0].name = "id";
  def.columns[0].nullable = false;
  def.columns[1].name = "group";
  def.columns[2].name = "text";
  def.columns[2].type = storage::ColumnType::bytes;
  def.indexes.resize(2);
  def.indexes[0].name = "PRIMARY";
  def.indexes[0].unique = true;
  def.indexes[0].parts.resize(1);
  def.indexes[1].name = "by_group";
  def.indexes[1].parts.resize(1);
  def.indexes[1].parts[0].column = 1;
  return def;
}

namespace {

storage::EngineOptions options() {
  storage::EngineOptions options;
  options.pages.log.geometry = {.files = 2, .file_bytes = 2 * 1024 * 1024};
  options.pages.log.buffer_bytes = 1024 * 1024;
  options.pages.pool.frames = 256;
  options.background_purge = false;
  return options;
}

Status run_engine(const std::string& directory, const std::function<void(storage::Engine&)>& body) {
  auto node = posix::RealNode::open({.data_directory = directory,
                                     .create_data_directory = true,
                                     .error_log_path = directory + "/../error.log"});
  CHECK_OK(node);
  auto engine = storage::Engine::open((*node)->node(), options());
  RETURN_IF_ERROR(engine.status());
  body(**engine);
  return {};
}

void fill(storage::Engine& engine) {
  for (const char* const name : {"left", "right"}) {
    auto table = engine.create_table(grouped_table(name));
    CHECK_OK(table);
    for (int64_t id = 0; id < StoreOnDisk::kRows; id += 10) {
      storage::Transaction trx;
      for (int64_t i = id; i < id + 10; ++i) {
        CHECK_OK(engine.insert(trx, **table, StoreOnDisk::row(i, i % 100 == 7 ? 40'000 : 150)));
      }
      CHECK_OK(engine.commit(trx, "a note"));
    }
    storage::Transaction trx;
    for (int64_t id = 0; id < 50; ++id) {
      const std::string key = StoreOnDisk::key_of(**table, id);
      CHECK_OK(engine.update(trx, **table, key, StoreOnDisk::row(id, 200)));
    }
    CHECK_OK(engine.commit(trx));
  }
  CHECK_OK(engine.close());
}

const std::string& original() {
  static const TemporaryDirectory directory(quick_directory());
  static const std::string path = [] {
    std::string data = directory.path() + "/data";
    CHECK_OK(run_engine(data, fill));
    return data;
  }();
  return path;
}

}  // namespace

StoreOnDisk::StoreOnDisk() { fs::copy(original(), directory(), fs::copy_options::recursive); }

std::string StoreOnDisk::read(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

void StoreOnDisk::write(const std::string& name, const std::string& bytes) const {
  std::ofstream file(path(name), std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  CHECK(file.good());
}

std::map<std::string, std::string> StoreOnDisk::contents() const {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(directory())) {
    if (!entry.is_regular_file()) continue;
    const std::string name = fs::relative(entry.path(), directory()).string();
    all[name] = read(name);
  }
  return all;
}

std::string StoreOnDisk::error_log() const { return read("../error.log"); }

void StoreOnDisk::patch(const std::string& name, uint32_t page, size_t offset,
                        const std::string& bytes, bool seal) const {
  std::fstream file(path(name), std::ios::binary | std::ios::in | std::ios::out);
  std::string old(kPageBytes, '\0');
  file.seekg(std::streamoff{page} * std::streamoff{kPageBytes});
  file.read(old.data(), std::streamsize{kPageBytes});
  old.replace(offset, bytes.size(), bytes);
  if (seal) storage::seal_page(old.data());
  file.seekp(std::streamoff{page} * std::streamoff{kPageBytes});
  file << old;
  file.close();
  CHECK(file.good());
}

uint32_t StoreOnDisk::find_page(const std::string& name,
                                const std::function<bool(const char*)>& is_it) const {
  const std::string bytes = read(name);
  for (size_t at = 0; at + kPageBytes <= bytes.size(); at += kPageBytes) {
    if (is_it(bytes.data() + at)) return static_cast<uint32_t>(at / kPageBytes);
  }
  CHECK(false);
  return 0;
}

uint32_t StoreOnDisk::find_long_value(const std::string& name) const {
  constexpr int kPagesOfUndo = 3;
  int seen = 0;
  return find_page(name, [&](const char* page) {
    return storage::type_of(page) == storage::PageType::overflow && ++seen > kPagesOfUndo + 1;
  });
}

Status StoreOnDisk::with_engine(const std::function<void(storage::Engine&)>& body) const {
  return run_engine(directory(), body);
}

storage::Row StoreOnDisk::row(int64_t id, size_t text_bytes) {
  std::string text;
  while (text.size() < text_bytes) text += std::to_string(id) + ' ';
  return {id, id % 7, text};
}

std::string StoreOnDisk::key_of(storage::Table& table, int64_t id) {
  auto key = storage::Engine::primary_key(table, {id});
  CHECK_OK(key);
  return *key;
}

Result<int64_t> StoreOnDisk::count(storage::Engine& engine, const std::string& name, size_t index) {
  ASSIGN_OR_RETURN(const auto table, engine.open_table(name));
  storage::RowCursor cursor(engine.rows(), *table, index);
  int64_t rows = 0;
  ASSIGN_OR_RETURN(bool on_row, cursor.first());
  while (on_row) {
    ++rows;
    ASSIGN_OR_RETURN(on_row, cursor.next());
  }
  return rows;
}

}  // namespace aftersync
