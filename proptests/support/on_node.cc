// Tasks side by side, on any platform.
#include "proptests/support/on_node.h"

#include <vector>

namespace aftersync {

void in_tasks(Node& node, size_t count, const std::function<void(size_t)>& body) {
  std::vector<Task> tasks;
  for (size_t i = 0; i < count; ++i) {
    tasks.push_back(node.tasks().spawn("worker" + std::to_string(i), [&body, i] { body(i); }));
  }
  for (Task& task : tasks) task.join();
}

}  // namespace aftersync
