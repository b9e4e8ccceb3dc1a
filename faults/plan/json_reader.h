// JsonReader: one JSON object, read strictly; the counterpart of TableReader for replay files.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace aftersync::faults {

using Json = nlohmann::ordered_json;

// The first mistake of a document is kept as "plan.actions[3].kind: ..."; after it all reads yield
// defaults.
class JsonReader {
 public:
  // `json` outlives the reader. `path` is where it stands in the document.
  JsonReader(const Json& json, std::string path, Status& status);

  [[nodiscard]] uint64_t whole(std::string_view key);
  [[nodiscard]] int64_t integer(std::string_view key);
  [[nodiscard]] double number(std::string_view key);
  [[nodiscard]] bool flag(std::string_view key);
  [[nodiscard]] std::string text(std::string_view key);
  [[nodiscard]] bool has(std::string_view key) const;
  // The value of a key that must be there; an empty object otherwise.
  [[nodiscard]] const Json& take(std::string_view key);
  // Each element of the list at `key`, which must be there, as an object to read and finish.
  template <typename Read>
  void each(std::string_view key, Read&& read) {
    const Json& list = take(key);
    if (!list.is_array()) return mistake(key, "expected a list");
    for (size_t i = 0; i < list.size(); ++i) {
      JsonReader element(list[i], field(key) + "[" + std::to_string(i) + "]", status_);
      read(element);
      element.finish();
    }
  }
  [[nodiscard]] JsonReader object(std::string_view key) { return {take(key), field(key), status_}; }
  void mistake(std::string_view key, const std::string& what);
  // Takes over a mistake that names its field already.
  void fail(const Status& mistake);
  // Every key that nobody has asked for is a mistake.
  void finish();
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  [[nodiscard]] std::string field(std::string_view key) const;

  const Json& json_;
  const std::string path_;
  Status& status_;
  std::vector<std::string> asked_;
};

}  // namespace aftersync::faults
