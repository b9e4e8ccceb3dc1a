// Space and Spaces: files of pages.
#include "core/storage/space.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/fault.h"
#include "core/storage/page_check.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {

namespace {

using namespace space_format;

std::string no_space_name(SpaceId id) { return "tablespace " + std::to_string(id.value()); }

// The first pages of a new file, sealed.
std::string first_pages(SpaceId id, Uid uid) {
  std::string bytes(kInitialPages * kPageBytes, '\0');
  const auto init = [&](PageNo page, PageType type) {
    char* const p = bytes.data() + page.value() * kPageBytes;
    const char args[] = {static_cast<char>(type), 1};
    CHECK_OK(apply_page_op(PageOp::init, {id, page}, {args, 2}, p));
    return p;
  };
  char* const header = init(kHeaderPage, PageType::space_header);
  store_be(header + kMagicAt, kMagic);
  store_be(header + kVersionAt, kVersion);
  std::memcpy(header + kUidAt, uid.bytes().data(), Uid::kBytes);
  store_be(header + kSizePagesAt, kInitialPages);
  store_be(header + kTouchedExtentsAt, uint32_t{1});
  store_be(header + kFragmentPagesFreeAt, kInitialPages - kFirstFreePage.value());
  for (const size_t list : {kFreeListAt, kFragmentListAt, kFullFragmentListAt}) {
    store_be(header + list, kNoExtent);
    store_be(header + list + 4, kNoExtent);
  }
  // Extent 0 is a fragment extent with pages 0, 1 and 2 in use.
  store_be(header + kFragmentListAt, uint32_t{0});
  store_be(header + kFragmentListAt + 4, uint32_t{0});
  store_be(header + kFragmentListAt + 8, uint32_t{1});
  char* const extent = header + kDescriptorsAt;
  store_be(extent, kNoExtent);
  store_be(extent + 4, kNoExtent);
  store_be(extent + 8, static_cast<uint32_t>(ExtentState::fragment));
  store_be(extent + 16, uint64_t{0b111});
  seal_page(header);
  for (uint32_t i = 0; i < kSegmentsPages; ++i) {
    seal_page(init(PageNo(kFirstSegmentsPage.value() + i), PageType::segments));
  }
  return bytes;
}

}  // namespace

std::string space_path(SpaceId id) {
  if (id == kSystemSpace) return "system.ibd";
  if (id == kUndoSpace) return "undo.ibd";
  return std::string(kTablesDirectory) + "/" + std::to_string(id.value()) + ".ibd";
}

Status check_space_header(const char* page, SpaceId id, const std::string& path,
                          uint32_t file_pages) {
  if (is_zero_page(page)) {
    return {Code::corruption, path + " page 0: expected a space header, found zeroes"};
  }
  RETURN_IF_ERROR(check_page(page, {id, kHeaderPage}, path));
  RETURN_IF_ERROR(check_page_type(page, PageType::space_header, path));
  if (load_be<uint64_t>(page + kMagicAt) != kMagic) {
    return {Code::corruption, path + " page 0: not a tablespace: its magic number is missing"};
  }
  if (const auto version = load_be<uint32_t>(page + kVersionAt); version != kVersion) {
    return {Code::unsupported, path + " page 0: tablespace format version: expected " +
                                   std::to_string(kVersion) + ", found " + std::to_string(version)};
  }
  if (const auto pages = load_be<uint32_t>(page + kSizePagesAt); pages > file_pages) {
    return {Code::corruption, path + ": short file: expected " + std::to_string(pages) +
                                  " pages, found " + std::to_string(file_pages)};
  }
  return {};
}

Space::Space(Node& node, SpaceId id, std::string path, std::optional<File> file)
    : node_(node), id_(id), path_(std::move(path)), file_(std::move(file)) {}

Status Space::measure() {
  ASSIGN_OR_RETURN(const uint64_t bytes, file_->size());
  file_pages_.store(static_cast<uint32_t>(bytes / kPageBytes), std::memory_order_release);
  return {};
}

Status Space::read_page(PageNo page, std::span<char> into) {
  CHECK_EQ(into.size(), kPageBytes);
  RETURN_IF_ERROR(usable());
  ASSIGN_OR_RETURN(const size_t n, file_->read(uint64_t{page.value()} * kPageBytes, into));
  if (n == kPageBytes) return {};
  return {Code::corruption, path_ + " page " + std::to_string(page.value()) +
                                ": short file: expected " + std::to_string(kPageBytes) +
                                " bytes, found " + std::to_string(n)};
}

Status Space::write_pages(PageNo first, std::string_view bytes) {
  CHECK_EQ(bytes.size() % kPageBytes, 0u);
  RETURN_IF_ERROR(file_->write(uint64_t{first.value()} * kPageBytes, bytes));
  const auto end = first.value() + static_cast<uint32_t>(bytes.size() / kPageBytes);
  uint32_t known = file_pages();
  while (known < end && !file_pages_.compare_exchange_weak(known, end)) {
  }
  return {};
}

Status Space::sync() { return file_->sync_data(); }

// From the size that the header says and not from the file's length: that may be what a failed sync
// has left in the cache alone.
Status Space::extend(uint32_t from, uint32_t to) {
  const std::string zeroes(kExtentPages * kPageBytes, '\0');
  uint32_t at = from;
  while (at < to) {
    const uint32_t n = std::min(to - at, kExtentPages);
    const Status written =
        file_->write(uint64_t{at} * kPageBytes, std::string_view(zeroes).substr(0, n * kPageBytes));
    if (!written.ok()) return written.in("extending " + path_);
    at += n;
  }
  // The header must never promise pages that a power loss takes away again.
  if (const Status synced = file_->sync_data(); !synced.ok()) {
    node_.crash(path_ + ": " + synced.to_string());
  }
  if (file_pages() < to) file_pages_.store(to, std::memory_order_release);
  return {};
}

Status Space::usable() const {
  if (!out_of_use_.load(std::memory_order_acquire)) return {};
  const MutexLock lock(mutex_);
  return why_out_of_use_;
}

void Space::put_out_of_use(const Status& why) {
  CHECK(!why.ok());
  const MutexLock lock(mutex_);
  if (out_of_use_.load(std::memory_order_relaxed)) return;
  why_out_of_use_ = why;
  out_of_use_.store(true, std::memory_order_release);
  node_.error_log().write(Severity::error, path_ + " is out of use: " + why.to_string());
}

Result<std::shared_ptr<Space>> Spaces::create(SpaceId id) {
  const std::string path = space_path(id);
  ASSIGN_OR_RETURN(File file, node_.disk().open(path, OpenMode::create_new));
  auto space = std::make_shared<Space>(node_, id, path, std::move(file));
  Status made = space->write_pages(kHeaderPage, first_pages(id, node_.rng().uid()));
  if (made.ok()) {
    made = space->sync();
    if (made.ok() && !AFTERSYNC_FAULT("bug/dir-not-synced")) {
      const size_t slash = path.rfind('/');
      made = node_.disk().sync_directory(slash == std::string::npos
                                             ? std::string_view()
                                             : std::string_view(path).substr(0, slash));
    }
    if (!made.ok()) node_.crash(path + ": " + made.to_string());
  } else {
    // A full device: leave nothing behind. What remains after a failure here is an orphan.
    space.reset();
    (void)node_.disk().remove(path).ok();
    return made.in("creating " + path);
  }
  const MutexLock lock(mutex_);
  CHECK(open_.emplace(id, space).second);
  return space;
}

Result<std::shared_ptr<Space>> Spaces::open(SpaceId id) {
  {
    const MutexLock lock(mutex_);
    if (const auto it = open_.find(id); it != open_.end()) {
      RETURN_IF_ERROR(it->second->usable());
      return it->second;
    }
  }
  const std::string path = space_path(id);
  auto opened = node_.disk().open(path, OpenMode::write);
  RETURN_IF_ERROR(opened.status());
  auto space = std::make_shared<Space>(node_, id, path, std::move(opened).value());
  RETURN_IF_ERROR(space->measure());
  std::vector<char> page(kPageBytes);
  RETURN_IF_ERROR(space->read_page(kHeaderPage, page));
  RETURN_IF_ERROR(check_space_header(page.data(), id, path, space->file_pages()));
  const MutexLock lock(mutex_);
  return open_.emplace(id, std::move(space)).first->second;
}

void Spaces::open_out_of_use(SpaceId id, const Status& why) {
  auto space = std::make_shared<Space>(node_, id, space_path(id), std::nullopt);
  {
    const MutexLock lock(mutex_);
    space = open_.emplace(id, std::move(space)).first->second;
  }
  space->put_out_of_use(why);
}

Result<std::shared_ptr<Space>> Spaces::find(SpaceId id) {
  const MutexLock lock(mutex_);
  if (const auto it = open_.find(id); it != open_.end()) return it->second;
  return {Code::not_found, no_space_name(id) + " is not open"};
}

void Spaces::close(SpaceId id) {
  const MutexLock lock(mutex_);
  open_.erase(id);
}

Status Spaces::remove(SpaceId id) {
  close(id);
  const Status removed = node_.disk().remove(space_path(id));
  if (!removed.ok() && removed.code() != Code::not_found) return removed;
  const Status synced = node_.disk().sync_directory(kTablesDirectory);
  if (!synced.ok()) node_.crash(space_path(id) + ": " + synced.to_string());
  return {};
}

Result<std::vector<SpaceId>> Spaces::list_files() {
  ASSIGN_OR_RETURN(const auto names, node_.disk().list(kTablesDirectory));
  std::vector<SpaceId> ids;
  for (const std::string& name : names) {
    uint32_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error == std::errc() && std::string_view(end) == ".ibd") ids.emplace_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::shared_ptr<Space>> Spaces::all() {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Space>> spaces;
  for (const auto& [id, space] : open_) spaces.push_back(space);
  return spaces;
}

}  // namespace aftersync::storage
