// errno as a Status. One place decides what each error of the operating system means to us.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"

namespace aftersync::posix {

// The system's text for `error`, with its number: "No space left on device (28)".
[[nodiscard]] std::string error_text(int error);

// `what` names operation, path and offset. For calls on names: open, rename, list.
[[nodiscard]] Status name_error(std::string_view what, int error);
// For calls on a file's contents; whatever is not understood is io_error, the cautious answer.
[[nodiscard]] Status data_error(std::string_view what, int error);
// `what` names operation and addresses. `established`: on a connection rather than on its way to
// one, where the same number means something else.
[[nodiscard]] Status net_error(std::string_view what, int error, bool established);

}  // namespace aftersync::posix
