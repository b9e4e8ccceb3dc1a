// The judgement of tablespace files. How far it goes, and why: tablespace_check.h.
#include "proptests/check/tablespace_check.h"

#include <map>
#include <set>
#include <vector>

#include "core/storage/page_check.h"
#include "core/storage/slotted_page.h"
#include "core/storage/space.h"
#include "core/storage/table_check.h"
#include "core/storage/undo_check.h"
#include "proptests/check/data_directory.h"

namespace aftersync::check {

namespace {

using storage::PageType;
using Shutdown = DataDirectory::Shutdown;

// Judges the files of one directory.
class Judge {
 public:
  explicit Judge(const std::string& directory) : directory_(directory) {
    log_ = directory_.log_state();
  }

  // Opens and scans. Code::not_found, io_error: cannot be read.
  Status file(const std::string& path);
  // The second round.
  void structures();
  [[nodiscard]] TablespaceReport take_report() { return std::move(report_); }

 private:
  void page(const SpaceFile& file, PageNo no, const char* bytes);
  void length(const SpaceFile& file, const char* header);
  void finding(const Status& status);
  void finding(const std::string& text) { report_.findings.push_back(text); }
  void note(const std::string& text) { report_.notes.push_back(text); }
  void table(SpaceId id);

  DataDirectory directory_;
  DataDirectory::LogState log_;
  std::set<SpaceId> files_;
  std::map<SpaceId, storage::TableDef> tables_;
  bool has_catalog_ = false;
  TablespaceReport report_;
};

void Judge::finding(const Status& status) {
  if (!status.ok()) finding(std::string(status.message()));
}

Status Judge::file(const std::string& path) {
  ASSIGN_OR_RETURN(SpaceFile* const file, directory_.open(path));
  if (!files_.insert(file->id).second) return {};
  ++report_.files;
  std::vector<char> bytes(storage::kPageBytes);
  if (file->pages() == 0) {
    finding(storage::space_path(file->id) + ": size: expected at least a page, found " +
            std::to_string(file->bytes) + " bytes");
    return {};
  }
  for (uint32_t no = 0; no < file->pages(); ++no) {
    const Status read = directory_.read_raw(*file, PageNo(no), bytes.data());
    if (!read.ok() && read.code() != Code::corruption) return read;
    finding(read);
    if (!read.ok()) break;
    page(*file, PageNo(no), bytes.data());
  }
  RETURN_IF_ERROR(directory_.read_raw(*file, PageNo(0), bytes.data()));
  length(*file, bytes.data());
  return {};
}

void Judge::length(const SpaceFile& file, const char* header) {
  const std::string name = storage::space_path(file.id);
  if (file.bytes % storage::kPageBytes != 0) {
    finding(name + ": size: expected whole pages of " + std::to_string(storage::kPageBytes) +
            " bytes, found " + std::to_string(file.bytes % storage::kPageBytes) +
            " bytes behind page " + std::to_string(file.pages() - 1));
  }
  const PageId id{file.id, PageNo(0)};
  if (!storage::check_page(header, id, name).ok()) return;  // reported already
  finding(storage::check_space_header(header, file.id, name, static_cast<uint32_t>(file.pages())));
}

void Judge::page(const SpaceFile& file, PageNo no, const char* bytes) {
  ++report_.pages;
  const std::string name = storage::space_path(file.id);
  const PageId id{file.id, no};
  const Status whole = storage::check_page(bytes, id, name);
  if (!whole.ok()) {
    if (log_.shutdown == Shutdown::unclean && directory_.has_copy(id)) {
      note(std::string(whole.message()) + "; the next start restores it from doublewrite.dblwr");
      return;
    }
    finding(whole);
    return;
  }
  const PageType type = storage::type_of(bytes);
  if (type == PageType::unused) ++report_.unused;
  if (type == PageType::index) {
    const Status sound = storage::SlottedPage(bytes).check();
    finding(sound.in(name + " page " + std::to_string(no.value())));
  }
  if (log_.shutdown == Shutdown::clean && storage::lsn_of(bytes) > log_.end) {
    finding(name + " page " + std::to_string(no.value()) + ": lsn: expected at most " +
            std::to_string(log_.end.value()) + ", where the redo log ends, found " +
            std::to_string(storage::lsn_of(bytes).value()));
  }
}

void Judge::structures() {
  if (log_.shutdown == Shutdown::unclean) {
    note(log_.why + ": pages may lag behind it, so trees, space and undo are not judged");
    return;
  }
  if (log_.shutdown == Shutdown::unknown) {
    note(log_.why + ": taken for files of a clean shutdown");
  }
  if (directory_.has(storage::kSystemSpace)) {
    const auto catalog = storage::check_catalog(directory_);
    has_catalog_ = catalog.ok();
    if (files_.contains(storage::kSystemSpace)) finding(catalog.status());
    if (!has_catalog_) note("without a sound catalog the trees of tables are not judged");
    if (has_catalog_) {
      for (const storage::TableDef& def : *catalog) tables_.emplace(def.space, def);
    }
  } else {
    note("there is no system.ibd beside it: the trees of tables are not judged");
  }
  for (const SpaceId id : files_) {
    if (id == storage::kSystemSpace) continue;
    if (id == storage::kUndoSpace) {
      finding(storage::check_undo(directory_).status());
    } else {
      table(id);
    }
  }
}

void Judge::table(SpaceId id) {
  const auto it = tables_.find(id);
  if (it != tables_.end()) {
    finding(storage::check_table(directory_, it->second).status());
    return;
  }
  if (has_catalog_) {
    note(storage::space_path(id) + ": no table of the catalog has this file");
  }
  finding(storage::check_space(directory_, id).status());
}

}  // namespace

Result<TablespaceReport> check_tablespaces(const std::string& directory,
                                           const std::vector<std::string>& files) {
  Judge judge(directory);
  for (const std::string& file : files) RETURN_IF_ERROR(judge.file(file));
  judge.structures();
  return judge.take_report();
}

}  // namespace aftersync::check
