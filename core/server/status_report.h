// What SHOW STATUS and SHOW ENGINE INNODB STATUS say.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/server/server_context.h"

namespace aftersync::server {

// Names and values, sorted by name. They are the server's: no counters are kept for each session.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> status_report(ServerContext& server);

// The monitor's text, in InnoDB's form as far as there is something to say: the last deadlock, the
// transactions that hold locks, the buffer pool, the log.
[[nodiscard]] std::string engine_status_text(ServerContext& server);

}  // namespace aftersync::server
