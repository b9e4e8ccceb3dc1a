// SET PERSIST: values that the server begins with next time.
//
// They stand in an option file of the data directory, mysqld-auto.cnf, which is read after all
// others; unlike MySQL's, which holds JSON under the same name, it is one that people can read.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/server/variables.h"

namespace aftersync::server {

// Any task.
class PersistedVariables {
 public:
  explicit PersistedVariables(Node& node) : node_(node) {}

  // Reads the file, if there is one, and applies it.
  Status load(GlobalVariables& variables);
  // Durable when it returns.
  Status set(std::string_view name, const std::string& value);

 private:
  Node& node_;
  Mutex mutex_;
  std::map<std::string, std::string, std::less<>> values_;  // guarded by mutex_
};

}  // namespace aftersync::server
