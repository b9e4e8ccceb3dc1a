// Reading the JSON of calls: values of the workloads other than transactions.
//
// These are few and small against transactions, so they are kept as text and parsed by the checker
// that knows what they mean. What does not have the shape that history_format.h states is bad input
// like any other: Code::invalid_argument with the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/status.h"
#include "model/history/history.h"

namespace aftersync::model {

// "line 12: reason".
[[nodiscard]] Status call_error(uint32_t line, const std::string& reason);

// The value of the invocation, or of the completion.
[[nodiscard]] Result<nlohmann::json> argument_of(const Call& call);
[[nodiscard]] Result<nlohmann::json> result_of(const Call& call);

[[nodiscard]] bool is_integer(const nlohmann::json& value);
[[nodiscard]] Result<std::vector<int64_t>> integers_of(const nlohmann::json& value, uint32_t line);

// [K, V] with V an integer or null (kNil). K may be text or an integer; it is given as JSON text.
struct KeyValue {
  std::string key;
  int64_t value = kNil;
};
[[nodiscard]] Result<KeyValue> key_value_of(const nlohmann::json& value, uint32_t line);

// The ok results of all calls named `f`.
[[nodiscard]] std::vector<const Call*> calls_of(const History& history, std::string_view f);

// "index 4-7, process 2".
[[nodiscard]] std::string call_place(const Call& call);

}  // namespace aftersync::model
