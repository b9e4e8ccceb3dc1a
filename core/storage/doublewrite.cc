// Doublewrite: batches out, repairs in.
#include "core/storage/doublewrite.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/storage/page_check.h"

namespace aftersync::storage {

namespace {

using namespace doublewrite_format;

size_t slot_at(size_t i) { return kHeaderBytes + i * kPageBytes; }

void put_header(char* to, uint64_t batch, std::span<const PageImage> images) {
  std::memset(to, 0, kHeaderBytes);
  store_be(to, kMagic);
  store_be(to + 8, kVersion);
  store_be(to + kCountAt, static_cast<uint32_t>(images.size()));
  store_be(to + kBatchAt, batch);
  char* entry = to + kEntriesAt;
  for (const PageImage& image : images) {
    store_be(entry, image.id.space.value());
    store_be(entry + 4, image.id.page.value());
    store_be(entry + 8, lsn_of(image.bytes).value());
    std::memcpy(entry + 16, image.bytes + kPageCrcAt, 4);
    entry += kEntryBytes;
  }
  store_be(to + kHeaderCrcAt, crc32c({to, kHeaderCrcAt}));
}

}  // namespace

Doublewrite::Doublewrite(Node& node, std::string path, Spaces& spaces, File file)
    : node_(node),
      path_(std::move(path)),
      spaces_(spaces),
      file_(std::move(file)),
      buffer_(kFileBytes) {}

Result<std::unique_ptr<Doublewrite>> Doublewrite::open(Node& node, std::string path, Spaces& spaces,
                                                       bool create_if_missing) {
  ASSIGN_OR_RETURN(const bool exists, node.disk().exists(path));
  if (!exists && !create_if_missing) {
    return {Code::corruption, path + ": expected the doublewrite file, found none"};
  }
  ASSIGN_OR_RETURN(File file,
                   node.disk().open(path, exists ? OpenMode::write : OpenMode::create_new));
  std::unique_ptr<Doublewrite> self(
      new Doublewrite(node, std::move(path), spaces, std::move(file)));
  if (!exists) {
    RETURN_IF_ERROR(self->make());
    return self;
  }
  ASSIGN_OR_RETURN(const uint64_t size, self->file_.size());
  if (size != kFileBytes) {
    return {Code::corruption, self->path_ + ": size: expected " + std::to_string(kFileBytes) +
                                  " bytes, found " + std::to_string(size)};
  }
  RETURN_IF_ERROR(self->file_.read_exactly(0, self->buffer_));
  Reader in({self->buffer_.data(), self->buffer_.size()});
  if (const auto magic = in.be<uint64_t>(); magic != kMagic) {
    return {Code::corruption, self->path_ + ": not a doublewrite file: magic number: expected " +
                                  std::to_string(kMagic) + ", found " + std::to_string(magic)};
  }
  if (const auto version = in.be<uint32_t>(); version != kVersion) {
    return {Code::unsupported, self->path_ + ": doublewrite format version: expected " +
                                   std::to_string(kVersion) + ", found " + std::to_string(version)};
  }
  self->batch_ = load_be<uint64_t>(self->buffer_.data() + kBatchAt);
  return self;
}

// Full size from the start, so that writing pages never meets a full device here.
Status Doublewrite::make() {
  put_header(buffer_.data(), 0, {});
  RETURN_IF_ERROR(file_.write(0, {buffer_.data(), buffer_.size()}));
  return file_.sync_data();
}

void Doublewrite::write(std::span<PageImage> batch) {
  CHECK(!batch.empty() && batch.size() <= kMaxBatchPages);
  const MutexLock lock(mutex_);
  for (PageImage& image : batch) seal_page(image.bytes);
  if (!AFTERSYNC_FAULT("bug/torn-page")) {
    if (const Status copied = write_copies(batch); !copied.ok()) {
      for (PageImage& image : batch) image.result = copied;
      return;
    }
  }
  write_in_place(batch);
}

Status Doublewrite::write_copies(std::span<const PageImage> batch) {
  put_header(buffer_.data(), ++batch_, batch);
  for (size_t i = 0; i < batch.size(); ++i) {
    std::memcpy(buffer_.data() + slot_at(i), batch[i].bytes, kPageBytes);
  }
  RETURN_IF_ERROR(file_.write(0, {buffer_.data(), slot_at(batch.size())}));
  if (const Status synced = file_.sync_data(); !synced.ok()) {
    node_.crash(path_ + ": " + synced.to_string());
  }
  return {};
}

// Images come sorted by page, so those of one file stand together; neighbours in file and in memory
// go out in one write. One sync a file, before the result counts.
void Doublewrite::write_in_place(std::span<PageImage> batch) {
  for (size_t i = 0; i < batch.size();) {
    const SpaceId id = batch[i].id.space;
    size_t count = 1;
    while (i + count < batch.size() && batch[i + count].id.space == id) ++count;
    const Status status = write_file(batch.subspan(i, count));
    // Anything else leaves a page in an unknown state, and only this batch can repair it: the next
    // one must not begin.
    if (!status.ok() && status.code() != Code::no_space && status.code() != Code::not_found) {
      node_.crash("writing pages: " + status.to_string());
    }
    for (size_t j = i; j < i + count; ++j) batch[j].result = status;
    i += count;
  }
}

Status Doublewrite::write_file(std::span<const PageImage> images) {
  ASSIGN_OR_RETURN(const auto space, spaces_.find(images[0].id.space));
  Status written;
  for (size_t i = 0; i < images.size() && written.ok();) {
    size_t run = 1;
    while (i + run < images.size() &&
           images[i + run].id.page.value() == images[i].id.page.value() + run &&
           images[i + run].bytes == images[i].bytes + run * kPageBytes) {
      ++run;
    }
    written = space->write_pages(images[i].id.page, {images[i].bytes, run * kPageBytes});
    i += run;
  }
  // Even when a full device has stopped the writing: those before it are in place.
  const Status synced = space->sync();
  if (!synced.ok()) node_.crash(space->path() + ": " + synced.to_string());
  return written;
}

Result<Doublewrite::Repair> Doublewrite::repair() {
  const MutexLock lock(mutex_);
  Repair repair;
  RETURN_IF_ERROR(file_.read_exactly(0, buffer_));
  const char* const header = buffer_.data();
  const bool stale = AFTERSYNC_FAULT("bug/stale-doublewrite");
  if (!stale && load_be<uint32_t>(header + kHeaderCrcAt) != crc32c({header, kHeaderCrcAt})) {
    // The batch never got as far as its pages.
    PROBE("doublewrite: last batch incomplete");
    return repair;
  }
  const size_t count = std::min<size_t>(load_be<uint32_t>(header + kCountAt), kMaxBatchPages);
  // What is read may be in the cache alone, and the pages below lean on it.
  RETURN_IF_ERROR(file_.write(0, {buffer_.data(), slot_at(count)}));
  if (const Status synced = file_.sync_data(); !synced.ok()) {
    node_.crash(path_ + ": " + synced.to_string());
  }
  std::map<SpaceId, std::optional<File>> files;
  for (size_t i = 0; i < (stale ? kMaxBatchPages : count); ++i) {
    const char* const copy = buffer_.data() + slot_at(i);
    const char* const entry = header + kEntriesAt + i * kEntryBytes;
    PageId id{SpaceId(load_be<uint32_t>(entry)), PageNo(load_be<uint32_t>(entry + 4))};
    if (stale) id = {space_of(copy), page_no_of(copy)};
    if (is_zero_page(copy) || !check_page(copy, id, path_).ok()) continue;
    if (!stale && std::memcmp(copy + kPageCrcAt, entry + 16, 4) != 0) continue;
    ++repair.checked;
    ASSIGN_OR_RETURN(const bool repaired, repair_page(id, copy, stale, files));
    if (repaired) ++repair.repaired;
  }
  // All of it is durable in place before the next batch overwrites these copies.
  for (auto& [id, file] : files) {
    if (!file.has_value()) continue;
    if (const Status synced = file->sync_data(); !synced.ok()) {
      node_.crash(space_path(id) + ": " + synced.to_string());
    }
  }
  return repair;
}

Result<bool> Doublewrite::repair_page(PageId id, const char* copy, bool always,
                                      std::map<SpaceId, std::optional<File>>& files) {
  const std::string path = space_path(id.space);
  auto it = files.find(id.space);
  if (it == files.end()) {
    auto opened = node_.disk().open(path, OpenMode::write);
    if (!opened.ok() && opened.code() != Code::not_found) return opened.status();
    std::optional<File> file;
    if (opened.ok()) file = std::move(opened).value();
    it = files.emplace(id.space, std::move(file)).first;
  }
  if (!it->second.has_value()) return false;  // dropped since
  File& file = *it->second;
  std::vector<char> found(kPageBytes);
  const uint64_t at = uint64_t{id.page.value()} * kPageBytes;
  ASSIGN_OR_RETURN(const size_t n, file.read(at, found));
  const bool damaged =
      n < kPageBytes || is_zero_page(found.data()) || !check_page(found.data(), id, path).ok();
  if (!damaged && !always) {
    // Only the cache may have it: after a failed sync the kernel calls clean what never arrived.
    if (!AFTERSYNC_FAULT("bug/page-not-rewritten")) {
      RETURN_IF_ERROR(file.write(at, {found.data(), kPageBytes}));
    }
    return false;
  }
  PROBE("doublewrite: page restored");
  RETURN_IF_ERROR(file.write(at, {copy, kPageBytes}));
  node_.error_log().write(Severity::warning, path + " page " + std::to_string(id.page.value()) +
                                                 " was torn; restored from " + path_);
  return true;
}

}  // namespace aftersync::storage
