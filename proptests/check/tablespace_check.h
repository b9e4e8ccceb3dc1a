// Are these tablespace files, and what is in them, whole?
//
// In two rounds. First every page by itself: checksum, number, space, lsn at both ends, type,
// version, and the inside of index pages. Every page that fails is reported. Then, if the files
// were closed by a clean shutdown, what pages say of one another: the ledger of each space, the
// catalog, each table's trees and entries, undo. There the first thing found in each stands for
// what follows from it.
//
// After anything but a clean shutdown only the first round means something: pages in place lag
// behind the redo, each by as much as it likes. That is said, and is no finding.
//
// Files are opened for reading and never written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace aftersync::check {

struct TablespaceReport {
  std::vector<std::string> findings;  // FILE page N: WHAT: expected X, found Y
  std::vector<std::string> notes;     // what could not be judged, and why
  uint64_t files = 0;
  uint64_t pages = 0;
  uint64_t unused = 0;  // pages that nobody has written, or that have been given back
};

// `files` all belong to `directory`, the data directory of a store that is not running; or it is
// "", for a file that lies alone, of which less can be told. Code::not_found, io_error: a file
// cannot be read.
[[nodiscard]] Result<TablespaceReport> check_tablespaces(const std::string& directory,
                                                         const std::vector<std::string>& files);

}  // namespace aftersync::check
