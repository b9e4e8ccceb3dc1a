// ErrorLog: what the node tells its operator, one line an event.
//
// The one logging call of the project. On posix lines go to standard error or the configured file
// with time and task; in the simulator they go into the run's trace. Writing never fails and never
// blocks for long; nothing may depend on it.
#pragma once

#include <cstdint>
#include <string_view>

namespace aftersync {

class NodeState;

// MySQL's labels in its error log.
enum class Severity : uint8_t { system, error, warning, note };

class ErrorLog {
 public:
  explicit ErrorLog(NodeState& node) : node_(node) {}
  ErrorLog(const ErrorLog&) = delete;
  ErrorLog& operator=(const ErrorLog&) = delete;

  // `line` without a line end.
  void write(Severity severity, std::string_view line);

 private:
  NodeState& node_;
};

}  // namespace aftersync
