// Translates the short notation of tests into the history format, so that the tests go through the
// reader as everybody does.
#include "proptests/history/support.h"

#include <sstream>

#include "core/base/check.h"
#include "model/history/history_reader.h"

namespace aftersync::model {

namespace {

// "x" -> "\"x\"", "3" -> "3", "[1 2]" -> "[1,2]".
std::string json_of(const std::string& word) {
  if (word.empty()) return "null";
  if (word[0] == '[') {
    std::string list;
    for (const char c : word) list += c == ' ' ? ',' : c;
    return list;
  }
  const bool is_number = word == "null" || word.find_first_not_of("-0123456789") == word.npos;
  return is_number ? word : "\"" + word + "\"";
}

// "append x 1, r y [1 2]" -> [["append","x",1],["r","y",[1,2]]]
std::string operations_json(std::string_view text) {
  std::string json;
  std::istringstream operations{std::string(text)};
  for (std::string operation; std::getline(operations, operation, ',');) {
    std::istringstream words(operation);
    std::string f;
    std::string key;
    std::string value;
    words >> f >> key >> std::ws;
    std::getline(words, value);
    json +=
        (json.empty() ? "[[\"" : ",[\"") + f + "\"," + json_of(key) + "," + json_of(value) + "]";
  }
  return json.empty() ? "null" : json + "]";
}

std::string line_json(const std::string& line, size_t index) {
  std::istringstream words(line);
  std::string process;
  std::string type;
  std::string rest;
  words >> process >> type >> std::ws;
  std::getline(words, rest);
  const size_t slash = rest.substr(0, rest.find(' ')).find('/');
  std::string f = "txn";
  std::string value = operations_json(rest);
  if (slash != rest.npos) {
    f = rest.substr(0, rest.find(' '));
    value = rest.find(' ') == rest.npos ? "null" : rest.substr(rest.find(' ') + 1);
  }
  return "{\"index\":" + std::to_string(index) + ",\"process\":" + process +
         ",\"time\":0,\"type\":\"" + type + "\",\"f\":\"" + f + "\",\"value\":" + value + "}\n";
}

}  // namespace

Status read_text(std::string_view text, History& history, size_t piece_bytes) {
  HistoryReader reader(history);
  for (size_t at = 0; at < text.size(); at += piece_bytes) {
    // A copy of its own, so that a sanitizer sees a read past its end.
    const std::string piece(text.substr(at, piece_bytes));
    RETURN_IF_ERROR(reader.feed(piece));
  }
  return reader.finish();
}

Checked check_short(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string json;
  size_t index = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(' ') != line.npos) json += line_json(line, index++);
  }
  Checked checked;
  CHECK_OK(read_text(json, checked.history));
  Result<CheckReport> report = check_history(checked.history);
  CHECK_OK(report);
  checked.report = *std::move(report);
  return checked;
}

std::string Checked::found() const {
  std::string names;
  for (const Anomaly anomaly : report.findings.found()) {
    names += (names.empty() ? "" : ", ") + std::string(name_of(anomaly));
  }
  return names;
}

bool Checked::holds(std::string_view model) const {
  const auto known = model_of(model);
  CHECK(known.has_value());
  return report.of(*known).ruled_out_by.empty();
}

std::string Checked::story(Anomaly anomaly) const {
  const Findings::Entry& entry = report.findings.of(anomaly);
  return entry.examples.empty() ? "" : entry.examples[0].text;
}

}  // namespace aftersync::model
