// The real process: what a program includes to get its Node from the operating system.
//
// Only main programs, tests and benchmarks name this header; everything above the seam is handed
// the Node. The other files of this folder are the only ones that call the operating system.
#pragma once

#include <memory>
#include <string>

#include "core/base/status.h"
#include "core/platform/node.h"

namespace aftersync::posix {

struct NodeOptions {
  // What Disk's paths and relative "unix:" addresses start from. Need not be absolute.
  std::string data_directory = ".";
  // Creates the data directory when it is absent; its parent must exist.
  bool create_data_directory = false;
  // Appended to, created when absent, relative to the working directory; empty: standard error.
  std::string error_log_path{};
};

// Owns the one Node of a real process. Destroyed by the task that opened it, after every other
// task has been joined (CHECKed).
class RealNode {
 public:
  // Code::not_found when the data directory is absent and not to be created; otherwise the error of
  // whatever could not be opened, with its path.
  [[nodiscard]] static Result<std::unique_ptr<RealNode>> open(const NodeOptions& options);
  ~RealNode();
  RealNode(const RealNode&) = delete;
  RealNode& operator=(const RealNode&) = delete;

  [[nodiscard]] Node& node() { return node_; }

 private:
  explicit RealNode(std::unique_ptr<NodeState> state);

  std::unique_ptr<NodeState> state_;
  Node node_;
};

}  // namespace aftersync::posix
