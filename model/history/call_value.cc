// Shapes of values.
#include "model/history/call_value.h"

#include "model/history/history_format.h"

namespace aftersync::model {

namespace {

Result<nlohmann::json> parse(const std::string& text, uint32_t line) {
  if (text.empty()) return call_error(line, "no value");
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return call_error(line, "the value is no JSON (is it UTF-8?)");
  return value;
}

}  // namespace

Status call_error(uint32_t line, const std::string& reason) {
  return Status(Code::invalid_argument, "line " + std::to_string(line) + ": " + reason);
}

Result<nlohmann::json> argument_of(const Call& call) {
  return parse(call.argument, call.invoke_line);
}

Result<nlohmann::json> result_of(const Call& call) {
  return parse(call.result, call.complete_line);
}

bool is_integer(const nlohmann::json& value) {
  if (value.is_number_unsigned()) return value.get<uint64_t>() <= uint64_t{kMaxInteger};
  if (!value.is_number_integer()) return false;
  return value.get<int64_t>() >= -kMaxInteger;
}

Result<std::vector<int64_t>> integers_of(const nlohmann::json& value, uint32_t line) {
  if (!value.is_array()) return call_error(line, "expected a list of integers");
  std::vector<int64_t> integers;
  integers.reserve(value.size());
  for (const nlohmann::json& element : value) {
    if (!is_integer(element)) return call_error(line, "expected a list of integers");
    integers.push_back(element.get<int64_t>());
  }
  return integers;
}

Result<KeyValue> key_value_of(const nlohmann::json& value, uint32_t line) {
  const bool is_pair = value.is_array() && value.size() == 2;
  if (!is_pair || !(value[0].is_string() || is_integer(value[0]))) {
    return call_error(line, "expected [key, value]");
  }
  if (!value[1].is_null() && !is_integer(value[1])) {
    return call_error(line, "expected [key, integer or null]");
  }
  return KeyValue{value[0].dump(), value[1].is_null() ? kNil : value[1].get<int64_t>()};
}

std::vector<const Call*> calls_of(const History& history, std::string_view f) {
  std::vector<const Call*> found;
  for (const Call& call : history.calls) {
    if (call.f == f) found.push_back(&call);
  }
  return found;
}

std::string call_place(const Call& call) {
  std::string text = "index " + std::to_string(call.invoke);
  if (call.complete != kNone) text += "-" + std::to_string(call.complete);
  return text + ", process " + std::to_string(call.process);
}

}  // namespace aftersync::model
