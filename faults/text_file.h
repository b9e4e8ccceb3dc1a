// Reading a whole file that a user named.
#pragma once

#include <string>

#include "core/base/status.h"

namespace aftersync::faults {

// Code::not_found: "cannot read 'PATH'".
[[nodiscard]] Result<std::string> read_text_file(const std::string& path);

}  // namespace aftersync::faults
