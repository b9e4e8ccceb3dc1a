// Texts to and from character sets.
//
// Values in expressions are UTF-8, whatever column they come from; bytes have the collation
// `binary`. A column of latin1 or ascii holds its own bytes, so that its keys are what a reader of
// the file expects; they are turned where a value is stored and where it is loaded.
//
// latin1 is what MySQL means by it (manual 12.10.2): cp1252, with five codes that stand for
// themselves.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/storage/collation.h"

namespace aftersync::sql {

// What could be made of a text in another character set.
struct EncodedText {
  std::string bytes;     // '?' for what the set does not have; ends before what is no text at all
  size_t first_bad = 0;  // where, in what was given, the first of either is
  bool bad = false;
};

// UTF-8 to the bytes of the collation's character set. (`binary`: the bytes as they are.)
[[nodiscard]] EncodedText encode_text(storage::Collation to, std::string_view utf8);
// Bytes that are to be text of that set already: as far as they are.
[[nodiscard]] EncodedText checked_text(storage::Collation to, std::string_view bytes);
// Back to UTF-8.
[[nodiscard]] std::string decode_text(storage::Collation from, std::string_view bytes);

}  // namespace aftersync::sql
