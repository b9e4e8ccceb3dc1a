// What the storage workloads share: an engine so small that pages are written and redo is reused
// all the time, and what its server does about a device that fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/platform/node.h"
#include "core/storage/engine.h"

namespace aftersync::faults {

struct SmallEngine {
  size_t pool_frames = 64;
  uint64_t log_file_kib = 512;  // of each of the two
  bool background_purge = true;
};

[[nodiscard]] inline storage::EngineOptions options_of(const SmallEngine& small) {
  storage::EngineOptions options;
  options.pages.log.geometry = {.files = 2, .file_bytes = small.log_file_kib * 1024};
  options.pages.log.buffer_bytes = 1024 * 1024;
  options.pages.pool.frames = small.pool_frames;
  options.background_purge = small.background_purge;
  options.index_build_bytes = 4096;  // the larger tables' indexes are built in several runs
  return options;
}

// A failure of the device ends the process: the next one starts from what is durable.
inline void must(Node& node, const Status& status, std::string_view what) {
  if (!status.ok()) node.crash(std::string(what) + ": " + status.to_string());
}

}  // namespace aftersync::faults
