// BinlogIndex: a list of names, replaced whole.
#include "core/binlog/binlog_index.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/check.h"
#include "core/base/probe.h"

namespace aftersync::binlog {

namespace {

constexpr size_t kDigits = 6;
constexpr uint64_t kMaxIndexBytes = uint64_t{64} << 20;

Result<std::string> read_whole(Disk& disk, std::string_view path) {
  ASSIGN_OR_RETURN(File file, disk.open(path, OpenMode::read));
  ASSIGN_OR_RETURN(const uint64_t size, file.size());
  if (size > kMaxIndexBytes) {
    return {Code::corruption, std::string(path) + ": " + std::to_string(size) + " bytes"};
  }
  std::string text(size, '\0');
  RETURN_IF_ERROR(file.read_exactly(0, text));
  return text;
}

// The number of a file name STEM.NUMBER, spelled as we do.
std::optional<uint64_t> number_in(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || name.size() < stem.size() + 1 + kDigits ||
      name[stem.size()] != '.') {
    return std::nullopt;
  }
  const std::string_view digits = name.substr(stem.size() + 1);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  const bool is_whole = error == std::errc() && end == digits.end() && number > 0;
  if (!is_whole || (digits.size() > kDigits && digits[0] == '0')) return std::nullopt;
  return number;
}

}  // namespace

BinlogIndex::BinlogIndex(Disk& disk, std::string_view base) : disk_(&disk), base_(base) {
  const size_t slash = base_.rfind('/');
  if (slash != std::string::npos) directory_ = base_.substr(0, slash);
  stem_ = base_.substr(slash == std::string::npos ? 0 : slash + 1);
}

Result<BinlogIndex> BinlogIndex::open(Disk& disk, std::string_view base) {
  BinlogIndex index(disk, base);
  ASSIGN_OR_RETURN(const bool is_there, disk.exists(index.index_path()));
  if (is_there) {
    ASSIGN_OR_RETURN(const std::string text, read_whole(disk, index.index_path()));
    RETURN_IF_ERROR(index.read(text).in(index.index_path()));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> strangers, index.look_at_files(is_there));
  // What has been read may be in the cache only, after a crash in the middle of a change. Nothing
  // is removed on the strength of that; and files without an index are to be noticed.
  RETURN_IF_ERROR(index.write(index.first_, index.last_));
  for (const std::string& path : strangers) {
    PROBE("binlog/stranger-removed");
    RETURN_IF_ERROR(disk.remove(path));
  }
  return index;
}

std::string BinlogIndex::name_of(uint64_t number) const {
  const std::string digits = std::to_string(number);
  return stem_ + "." + std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

std::string BinlogIndex::path_of(uint64_t number) const {
  return directory_.empty() ? name_of(number) : directory_ + "/" + name_of(number);
}

Result<uint64_t> BinlogIndex::find(std::string_view name) const {
  const auto number = number_in(name, stem_);
  if (!number || *number < first_ || *number > last_) {
    return {Code::not_found, "no binlog file '" + std::string(name) + "'"};
  }
  return *number;
}

Status BinlogIndex::read(std::string_view text) {
  size_t line = 0;
  while (!text.empty()) {
    ++line;
    const size_t end = text.find('\n');
    const std::string_view name = text.substr(0, end);
    const auto number = number_in(name, stem_);
    const bool is_next = number && (line == 1 || *number == last_ + 1);
    if (end == std::string_view::npos || !is_next) {
      const std::string expected =
          line == 1 ? "the name of a binlog file" : "'" + name_of(last_ + 1) + "'";
      return {Code::corruption, "line " + std::to_string(line) + ": " + expected +
                                    " expected, found '" + std::string(name.substr(0, 80)) + "'"};
    }
    if (line == 1) first_ = oldest_ = *number;
    last_ = *number;
    text.remove_prefix(end + 1);
  }
  return {};
}

Result<std::vector<std::string>> BinlogIndex::look_at_files(bool has_index) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, disk_->list(directory_));
  std::vector<std::string> strangers;
  uint64_t there = 0;
  for (const std::string& name : names) {
    const auto number = number_in(name, stem_);
    if (!number) continue;
    if (*number >= first_ && *number <= last_) {
      ++there;
      continue;
    }
    // A crash leaves the file after the last, or files before the first.
    if (!has_index || *number > last_ + 1) {
      return {Code::corruption,
              index_path() + (has_index ? ": '" + name + "' is not in it"
                                        : " is missing, but '" + name + "' is there")};
    }
    strangers.push_back(directory_.empty() ? name : directory_ + "/" + name);
  }
  if (there != last_ - first_ + 1) {
    return {Code::corruption, index_path() + ": " + std::to_string(last_ - first_ + 1) +
                                  " files expected, found " + std::to_string(there)};
  }
  return strangers;
}

Status BinlogIndex::append() {
  RETURN_IF_ERROR(write(first_, last_ + 1));
  ++last_;
  return {};
}

Status BinlogIndex::strike_out_before(uint64_t number) {
  CHECK(number > first_ && number <= last_);
  RETURN_IF_ERROR(write(number, last_));
  first_ = number;
  return {};
}

Status BinlogIndex::remove_struck_out() {
  for (; oldest_ < first_; ++oldest_) RETURN_IF_ERROR(disk_->remove(path_of(oldest_)));
  return {};
}

Status BinlogIndex::write(uint64_t first, uint64_t last) {
  std::string text;
  for (uint64_t number = first; number <= last; ++number) text += name_of(number) + "\n";
  const std::string path = index_path() + ".new";
  ASSIGN_OR_RETURN(File file, disk_->open(path, OpenMode::create));
  RETURN_IF_ERROR(file.truncate(0));
  RETURN_IF_ERROR(file.write(0, text));
  RETURN_IF_ERROR(file.sync_data());
  RETURN_IF_ERROR(disk_->rename(path, index_path()));
  return disk_->sync_directory(directory_);
}

}  // namespace aftersync::binlog
