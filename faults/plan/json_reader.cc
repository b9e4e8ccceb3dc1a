// JsonReader: see the header.
#include "faults/plan/json_reader.h"

#include <algorithm>

namespace aftersync::faults {

namespace {

const Json& empty_object() {
  static const Json kEmpty = Json::object();
  return kEmpty;
}

}  // namespace

JsonReader::JsonReader(const Json& json, std::string path, Status& status)
    : json_(json.is_object() ? json : empty_object()), path_(std::move(path)), status_(status) {
  if (!json.is_object()) mistake("", "expected an object");
}

std::string JsonReader::field(std::string_view key) const {
  if (key.empty()) return path_.empty() ? "document" : path_;
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void JsonReader::mistake(std::string_view key, const std::string& what) {
  if (status_.ok()) status_ = Status(Code::invalid_argument, field(key) + ": " + what);
}

void JsonReader::fail(const Status& mistake) {
  if (status_.ok()) status_ = mistake;
}

bool JsonReader::has(std::string_view key) const { return json_.contains(key); }

const Json& JsonReader::take(std::string_view key) {
  asked_.emplace_back(key);
  const auto it = json_.find(key);
  if (it != json_.end()) return *it;
  mistake(key, "missing");
  return empty_object();
}

uint64_t JsonReader::whole(std::string_view key) {
  const Json& value = take(key);
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  mistake(key, "expected a whole number, not negative");
  return 0;
}

int64_t JsonReader::integer(std::string_view key) {
  const Json& value = take(key);
  const bool fits = !value.is_number_unsigned() || value.get<uint64_t>() <= INT64_MAX;
  if (value.is_number_integer() && fits) return value.get<int64_t>();
  mistake(key, "expected a whole number");
  return 0;
}

double JsonReader::number(std::string_view key) {
  const Json& value = take(key);
  if (value.is_number()) return value.get<double>();
  mistake(key, "expected a number");
  return 0;
}

bool JsonReader::flag(std::string_view key) {
  const Json& value = take(key);
  if (value.is_boolean()) return value.get<bool>();
  mistake(key, "expected true or false");
  return false;
}

std::string JsonReader::text(std::string_view key) {
  const Json& value = take(key);
  if (value.is_string()) return value.get<std::string>();
  mistake(key, "expected a text");
  return {};
}

void JsonReader::finish() {
  for (const auto& [key, value] : json_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) mistake(key, "unknown key");
  }
}

}  // namespace aftersync::faults
