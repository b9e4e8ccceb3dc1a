// A file as a string.
#include "faults/text_file.h"

#include <fstream>
#include <sstream>

namespace aftersync::faults {

Result<std::string> read_text_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  // An empty file is good; inserting nothing at all would fail.
  if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad() || !text)
    return Status(Code::not_found, "cannot read '" + path + "'");
  return text.str();
}

}  // namespace aftersync::faults
