// One form for each kind of value, which ends itself.
#include "core/sql/exec/value_key.h"

#include <bit>

#include "core/base/coding.h"
#include "core/storage/collation.h"

namespace aftersync::sql {

namespace {

void append_sized(std::string_view bytes, std::string& key) {
  append_be(key, static_cast<uint32_t>(bytes.size()));
  key += bytes;
}

// Texts that the collation takes for equal have one sort key. Runs of spaces that are too long for
// one are compared as they are.
std::string sort_key(std::string_view text, storage::Collation collation) {
  std::string made;
  if (collation == storage::Collation::binary ||
      !storage::append_sort_key(collation, text, true, made).ok()) {
    return std::string(text);
  }
  return made;
}

class KeyWriter {
 public:
  KeyWriter(const TypeInfo& type, std::string& key) : type_(type), key_(key) {}

  void operator()(std::monostate /*null*/) { key_ += 'n'; }
  void operator()(int64_t value) { whole(static_cast<uint64_t>(value), value < 0); }
  void operator()(uint64_t value) { whole(value, false); }
  void operator()(const Decimal& value) {
    key_ += 'd';
    append_sized(value.rounded(kDecimalScale).to_string(), key_);
  }
  void operator()(double value) {
    key_ += 'r';
    append_be(key_, std::bit_cast<uint64_t>(value == 0 ? 0.0 : value));
  }
  void operator()(const std::string& value) {
    key_ += 's';
    append_sized(sort_key(value, type_.collation), key_);
  }
  void operator()(const Temporal& value) {
    key_ += 't';
    append_be(key_, static_cast<uint64_t>(value.ordinal()));
  }

 private:
  void whole(uint64_t bits, bool negative) {
    key_ += negative ? 'm' : 'i';
    append_be(key_, bits);
  }

  const TypeInfo& type_;
  std::string& key_;
};

}  // namespace

void append_value_key(const Value& value, const TypeInfo& type, std::string& key) {
  std::visit(KeyWriter(type, key), value);
}

}  // namespace aftersync::sql
