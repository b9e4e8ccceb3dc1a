// EventReader: the body of an event, read field by field. What does not fit is damage in a log, not
// a bad request: Code::corruption.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/payload_reader.h"
#include "core/base/status.h"

namespace aftersync::binlog {

class EventReader : private PayloadReader {
 public:
  using PayloadReader::at_end;
  using PayloadReader::bytes;
  using PayloadReader::lenenc_integer;
  using PayloadReader::lenenc_string;
  using PayloadReader::nul_string;
  using PayloadReader::offset;
  using PayloadReader::ok;
  using PayloadReader::PayloadReader;
  using PayloadReader::reject;
  using PayloadReader::rest;
  using PayloadReader::u16;
  using PayloadReader::u32;
  using PayloadReader::u64;
  using PayloadReader::u8;

  [[nodiscard]] Status status() const {
    if (ok()) return {};
    return {Code::corruption, std::string(PayloadReader::status().message())};
  }
  // `event`, unless something was wrong, or is left over.
  template <typename Event>
  [[nodiscard]] Result<Event> answer(Event event) {
    (void)finish();
    RETURN_IF_ERROR(status());
    return event;
  }
};

}  // namespace aftersync::binlog
