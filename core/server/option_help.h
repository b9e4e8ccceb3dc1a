// What `aftersyncd --verbose --help` and `--print-defaults` say.
#pragma once

#include <span>
#include <string>

#include "core/server/option_sources.h"

namespace aftersync::server {

// How the program is started; with `verbose` every option, its values and what it does.
[[nodiscard]] std::string usage_text(bool verbose);
// The settings as a command line.
[[nodiscard]] std::string settings_text(std::span<const Setting> settings);

}  // namespace aftersync::server
