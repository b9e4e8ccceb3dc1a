// DataDirectory: opening files by name, pages out of them, and what log and doublewrite file say.
#include "proptests/check/data_directory.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/log/redo_files.h"
#include "core/log/redo_format.h"
#include "core/storage/doublewrite_format.h"
#include "core/storage/page_check.h"
#include "core/storage/space.h"

namespace aftersync::check {

namespace fs = std::filesystem;
using storage::kPageBytes;

namespace {

Status system_error(const std::string& path) {
  const Code code = errno == ENOENT ? Code::not_found : Code::io_error;
  return {code, path + ": " + std::strerror(errno)};
}

// The number in N.ibd.
std::optional<SpaceId> number_of(const fs::path& file) {
  const std::string name = file.filename().string();
  uint32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || std::string_view(end) != ".ibd") return std::nullopt;
  return SpaceId(id);
}

std::optional<SpaceId> id_of(const fs::path& file) {
  if (file.filename() == storage::space_path(storage::kSystemSpace)) return storage::kSystemSpace;
  if (file.filename() == storage::space_path(storage::kUndoSpace)) return storage::kUndoSpace;
  return number_of(file);
}

// Up to `bytes` from `offset` on.
std::string read_at(std::FILE* file, uint64_t offset, size_t bytes) {
  std::string text(bytes, '\0');
  if (std::fseek(file, static_cast<long>(offset), SEEK_SET) != 0) return {};
  text.resize(std::fread(text.data(), 1, bytes, file));
  return text;
}

}  // namespace

std::string DataDirectory::of(const std::string& file) {
  const fs::path path = fs::absolute(file).lexically_normal();
  const fs::path folder = path.parent_path();
  if (number_of(path)) {
    const bool is_table = folder.filename() == storage::kTablesDirectory;
    return is_table ? folder.parent_path().string() : "";
  }
  return id_of(path) ? folder.string() : "";
}

std::vector<std::string> DataDirectory::tablespaces() const {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const SpaceId id : {storage::kSystemSpace, storage::kUndoSpace}) {
    if (fs::exists(full(storage::space_path(id)), ignored)) {
      found.push_back(full(storage::space_path(id)));
    }
  }
  std::vector<SpaceId> tables;
  for (const auto& entry :
       fs::directory_iterator(full(std::string(storage::kTablesDirectory)), ignored)) {
    if (const auto id = number_of(entry.path())) tables.push_back(*id);
  }
  std::sort(tables.begin(), tables.end());
  for (const SpaceId id : tables) found.push_back(full(storage::space_path(id)));
  return found;
}

Result<SpaceFile*> DataDirectory::open(const std::string& path) {
  for (const auto& [id, known] : open_) {
    if (known->path == path) return known.get();
  }
  auto space = std::make_unique<SpaceFile>();
  space->path = path;
  space->file.reset(std::fopen(path.c_str(), "rb"));
  if (space->file == nullptr) return system_error(path);
  std::error_code error;
  space->bytes = fs::file_size(path, error);
  if (error) return {Code::io_error, path + ": " + error.message()};
  if (const auto id = id_of(path)) {
    space->id = *id;
  } else {
    const std::string head = read_at(space->file.get(), 0, storage::kPageBodyAt);
    if (head.size() == storage::kPageBodyAt) space->id = storage::space_of(head.data());
  }
  return open_.insert_or_assign(space->id, std::move(space)).first->second.get();
}

bool DataDirectory::has(SpaceId id) const {
  std::error_code ignored;
  return open_.contains(id) ||
         (!path_.empty() && fs::exists(full(storage::space_path(id)), ignored));
}

Status DataDirectory::read_raw(const SpaceFile& file, PageNo page, char* into) const {
  const std::string bytes =
      read_at(file.file.get(), uint64_t{page.value()} * kPageBytes, kPageBytes);
  if (std::ferror(file.file.get()) != 0) return system_error(file.path);
  if (bytes.size() != kPageBytes) {
    return {Code::corruption, storage::space_path(file.id) + " page " +
                                  std::to_string(page.value()) + ": short file: expected " +
                                  std::to_string(kPageBytes) + " bytes, found " +
                                  std::to_string(bytes.size())};
  }
  std::memcpy(into, bytes.data(), kPageBytes);
  return {};
}

Status DataDirectory::read(PageId id, storage::PageType expected, char* into) {
  if (!open_.contains(id.space)) {
    if (path_.empty()) return {Code::not_found, storage::space_path(id.space) + " is not here"};
    RETURN_IF_ERROR(open(full(storage::space_path(id.space))).status());
  }
  const std::string name = storage::space_path(id.space);
  RETURN_IF_ERROR(read_raw(*open_.at(id.space), id.page, into));
  RETURN_IF_ERROR(storage::check_page(into, id, name));
  if (expected != storage::PageType::unused && storage::is_zero_page(into)) {
    return {Code::corruption, name + " page " + std::to_string(id.page.value()) +
                                  ": page type: expected " +
                                  std::string(storage::to_string(expected)) + ", found zeroes"};
  }
  return storage::check_page_type(into, expected, name);
}

DataDirectory::LogState DataDirectory::log_state() const {
  const OpenFile file(path_.empty() ? nullptr : std::fopen(full("redo_0.log").c_str(), "rb"));
  if (file == nullptr) return {Shutdown::unknown, {}, "there is no redo log beside it"};
  const std::string head = read_at(file.get(), 0, redo::kFileHeaderBytes);
  const auto newest = RedoFiles::newest_checkpoint("redo_0.log", head);
  if (!newest.ok()) return {Shutdown::unclean, {}, std::string(newest.status().message())};
  if (!newest->clean_shutdown) {
    return {Shutdown::unclean, {}, "the redo log was not closed by a clean shutdown"};
  }
  return {Shutdown::clean, newest->lsn, "clean shutdown"};
}

// Entries of a valid last batch whose copies are whole: doublewrite_format.h.
void DataDirectory::load_doublewrite() {
  namespace d = storage::doublewrite_format;
  copies_.emplace();
  const OpenFile file(path_.empty() ? nullptr
                                    : std::fopen(full("doublewrite.dblwr").c_str(), "rb"));
  if (file == nullptr) return;
  const std::string head = read_at(file.get(), 0, d::kHeaderBytes);
  if (head.size() != d::kHeaderBytes || load_be<uint64_t>(head.data()) != d::kMagic ||
      load_be<uint32_t>(head.data() + d::kHeaderCrcAt) !=
          crc32c(std::string_view(head).substr(0, d::kHeaderCrcAt))) {
    return;
  }
  const size_t count =
      std::min<size_t>(load_be<uint32_t>(head.data() + d::kCountAt), d::kMaxBatchPages);
  for (size_t i = 0; i < count; ++i) {
    const char* const entry = head.data() + d::kEntriesAt + i * d::kEntryBytes;
    const PageId id{SpaceId(load_be<uint32_t>(entry)), PageNo(load_be<uint32_t>(entry + 4))};
    const std::string copy = read_at(file.get(), d::kHeaderBytes + i * kPageBytes, kPageBytes);
    (*copies_)[id] = copy.size() == kPageBytes && !storage::is_zero_page(copy.data()) &&
                     storage::check_page(copy.data(), id, "copy").ok() &&
                     std::memcmp(copy.data() + storage::kPageCrcAt, entry + 16, 4) == 0;
  }
}

bool DataDirectory::has_copy(PageId id) {
  if (!copies_) load_doublewrite();
  const auto it = copies_->find(id);
  return it != copies_->end() && it->second;
}

}  // namespace aftersync::check
