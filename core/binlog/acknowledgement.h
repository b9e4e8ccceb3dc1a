// Acknowledgement: what a commit waits for besides its own disk.
//
// The commit coordinator knows stages, not replicas: whoever stands above (semi-synchronous
// replication) says when enough others have a group. It is asked once a group, by the group's
// leader, and several groups may be waiting at the same time: positions are cumulative.
#pragma once

#include "core/binlog/binlog.h"

namespace aftersync::binlog {

class Acknowledgement {
 public:
  enum class Outcome : uint8_t {
    acknowledged,
    degraded,   // a timeout has passed, or nobody is there to wait for: go on without
    abandoned,  // the server shuts down: nobody knows
  };

  virtual ~Acknowledgement() = default;
  // Waits until enough replicas have everything before `end`, durably, which the binlog has. Any
  // task.
  [[nodiscard]] virtual Outcome wait_for(BinlogPlace end) = 0;
};

}  // namespace aftersync::binlog
