// LockTarget: its words.
#include "core/txn/lock_target.h"

namespace aftersync::txn {

std::string to_string(const LockTarget& target) {
  if (target.kind == LockTarget::Kind::table) return "table " + std::to_string(target.object);
  std::string text = "index " + std::to_string(target.object);
  if (target.is_supremum()) return text + " supremum";
  static constexpr char kDigits[] = "0123456789abcdef";
  text += " key ";
  for (const char c : target.key) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace aftersync::txn
