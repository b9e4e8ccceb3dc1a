// Node: wiring; what its parts do is the linked platform's business.
#include "core/platform/node.h"

namespace aftersync {

Node::Node(NodeState& state)
    : state_(state),
      clock_(state),
      tasks_(state),
      disk_(state),
      net_(state),
      rng_(state),
      error_log_(state) {}

}  // namespace aftersync
