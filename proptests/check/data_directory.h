// DataDirectory: the files of a store that nobody has open, read and never written.
//
// It knows which files belong together, so that a table's file can be judged by the definition in
// the catalog beside it, and whether redo would still change the files before they mean anything.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/page_reader.h"

namespace aftersync::check {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, FileCloser>;

// One tablespace file.
struct SpaceFile {
  std::string path;
  SpaceId id;  // that its name gives it, or else its own header
  OpenFile file;
  uint64_t bytes = 0;
  [[nodiscard]] uint64_t pages() const { return bytes / storage::kPageBytes; }
};

class DataDirectory final : public storage::PageReader {
 public:
  // `path`: the directory; "" for files that lie alone.
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  // The directory that a tablespace file belongs to by its name, "" if to none.
  [[nodiscard]] static std::string of(const std::string& file);
  // system.ibd, undo.ibd and tables/*.ibd, those that are there.
  [[nodiscard]] std::vector<std::string> tablespaces() const;

  // Opens a tablespace file; a second time the same. Code::not_found, io_error.
  [[nodiscard]] Result<SpaceFile*> open(const std::string& file);
  [[nodiscard]] bool has(SpaceId id) const;

  // Any page as it stands, zeroes included. Code::corruption: the file is too short.
  Status read_raw(const SpaceFile& file, PageNo page, char* into) const;
  // See PageReader; opens the file of the space if need be.
  Status read(PageId id, storage::PageType expected, char* into) override;

  enum class Shutdown : uint8_t { clean, unclean, unknown };
  struct LogState {
    Shutdown shutdown = Shutdown::unknown;
    Lsn end;          // after a clean shutdown: no page can be newer
    std::string why;  // in words
  };
  // What redo_0.log says, if it is there.
  [[nodiscard]] LogState log_state() const;

  // Whether the doublewrite file holds a whole copy of the page, with which the next start would
  // repair it.
  [[nodiscard]] bool has_copy(PageId id);

 private:
  [[nodiscard]] std::string full(const std::string& name) const { return path_ + "/" + name; }
  void load_doublewrite();

  const std::string path_;
  std::map<SpaceId, std::unique_ptr<SpaceFile>> open_;
  std::optional<std::map<PageId, bool>> copies_;
};

}  // namespace aftersync::check
