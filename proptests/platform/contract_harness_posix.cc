// Contract tests on the operating system: each node is a RealNode in a temporary directory.
#include "core/platform/posix/posix_node.h"
#include "proptests/platform/contract_harness.h"
#include "proptests/platform/temporary_directory_posix.h"

namespace aftersync {

namespace {

// With the error log beside the data, so that the tests' own output stays readable.
Result<std::unique_ptr<posix::RealNode>> open_in(const TemporaryDirectory& directory) {
  return posix::RealNode::open({.data_directory = directory.path() + "/data",
                                .create_data_directory = true,
                                .error_log_path = directory.path() + "/error.log"});
}

}  // namespace

void run_on_node(const NodeBody& body) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  CHECK_OK(real);
  body((*real)->node());
}

void run_on_nodes(const std::vector<NodeBody>& bodies) {
  std::vector<std::unique_ptr<TemporaryDirectory>> directories;
  std::vector<std::unique_ptr<posix::RealNode>> nodes;
  std::vector<Task> mains;
  for (size_t i = 0; i < bodies.size(); ++i) {
    directories.push_back(std::make_unique<TemporaryDirectory>());
    auto real = open_in(*directories.back());
    CHECK_OK(real);
    nodes.push_back(*std::move(real));
  }
  for (size_t i = 0; i < bodies.size(); ++i) {
    Node& node = nodes[i]->node();
    mains.push_back(node.tasks().spawn("main", [&node, &body = bodies[i]] { body(node); }));
  }
  for (Task& main : mains) main.join();
}

std::string host_of_node(size_t /*index*/) { return "127.0.0.1"; }

}  // namespace aftersync
