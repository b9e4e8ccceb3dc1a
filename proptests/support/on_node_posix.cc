// On the operating system: a real node in a temporary directory, its error log beside the data so
// that the tests' own output stays readable. In memory where the system offers that: no test here
// takes the power away, and syncs are most of the time otherwise.
#include "core/platform/posix/posix_node.h"
#include "proptests/platform/temporary_directory_posix.h"
#include "proptests/support/on_node.h"

namespace aftersync {

void on_node(const std::function<void(Node&)>& body) {
  const TemporaryDirectory directory(quick_directory());
  auto real = posix::RealNode::open({.data_directory = directory.path() + "/data",
                                     .create_data_directory = true,
                                     .error_log_path = directory.path() + "/error.log"});
  CHECK_OK(real);
  body((*real)->node());
}

}  // namespace aftersync
