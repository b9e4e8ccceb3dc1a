// The encoding half of packet_format.h; payload_reader.h is the other.
#include "core/wire/packet_format.h"

#include "core/base/coding.h"

namespace aftersync::wire {

void append_nul_string(std::string& to, std::string_view bytes) {
  to.append(bytes);
  to.push_back('\0');
}

}  // namespace aftersync::wire
