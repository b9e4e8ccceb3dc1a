// What a declared type leaves to defaults, and what it may not ask for.
#include <algorithm>
#include <string>
#include <utility>

#include "core/base/limits.h"
#include "core/sql/value/collations.h"
#include "core/sql/value/column_codec.h"

namespace aftersync::sql {

namespace {

constexpr int64_t kMostDisplayWidth = 255;
constexpr int64_t kMostCharLength = 255;
constexpr int64_t kMostVarcharBytes = 65'535;
constexpr int64_t kFloatBits = 24;  // FLOAT(p): a DOUBLE from there on
constexpr int64_t kDoubleBits = 53;
constexpr int64_t kDefaultPrecision = 10;  // of DECIMAL

class Completion {
 public:
  Completion(ColumnTypeSpec type, std::string_view column, storage::Collation table_collation)
      : type_(std::move(type)), column_(column), table_collation_(table_collation) {}

  std::variant<ColumnTypeSpec, SqlError> run() {
    complete();
    if (error_.number != 0) return std::move(error_);
    return std::move(type_);
  }

 private:
  void fail(ErrorName name, std::initializer_list<std::string_view> args) {
    if (error_.number == 0) error_ = make_error(name, args);
  }
  void complete();
  void integer(int64_t signed_width);
  void decimal();
  void floating();
  void fraction();
  void characters(int64_t most_bytes);
  void text();
  void bytes(int64_t most);
  bool set_charset();  // whether it is text still, not bytes

  ColumnTypeSpec type_;
  std::string_view column_;
  storage::Collation table_collation_;
  SqlError error_;
};

// MySQL 8 forgets the width of integers, but that of TINYINT(1), and with ZEROFILL.
void Completion::integer(int64_t signed_width) {
  if (type_.length > kMostDisplayWidth) {
    return fail(ErrorName::display_width_too_big, {column_, std::to_string(kMostDisplayWidth)});
  }
  if (type_.zerofill) {
    type_.is_unsigned = true;
    if (type_.length < 0) {
      type_.length = type_.name == TypeName::bigint ? signed_width : signed_width - 1;
    }
  } else if (!(type_.name == TypeName::tinyint && type_.length == 1)) {
    type_.length = -1;
  }
}

void Completion::decimal() {
  if (type_.length <= 0) type_.length = kDefaultPrecision;
  type_.scale = std::max(type_.scale, 0);
  if (type_.scale > int32_t{kDecimalScale}) {
    return fail(ErrorName::scale_too_big, {std::to_string(type_.scale), column_, "30"});
  }
  if (type_.length > int64_t{kDecimalDigits}) {
    return fail(ErrorName::precision_too_big, {std::to_string(type_.length), column_, "65"});
  }
  if (type_.length < type_.scale) fail(ErrorName::scale_over_precision, {column_});
}

void Completion::floating() {
  if (type_.scale < 0) {
    if (type_.length > kDoubleBits) return fail(ErrorName::bad_column_specifier, {column_});
    if (type_.name == TypeName::float_number && type_.length > kFloatBits) {
      type_.name = TypeName::double_number;
    }
    type_.length = -1;
    return;
  }
  if (type_.scale > int32_t{kDecimalScale}) {
    return fail(ErrorName::scale_too_big, {std::to_string(type_.scale), column_, "30"});
  }
  if (type_.length > kMostDisplayWidth) {
    return fail(ErrorName::display_width_too_big, {column_, std::to_string(kMostDisplayWidth)});
  }
  if (type_.length < type_.scale) fail(ErrorName::scale_over_precision, {column_});
}

void Completion::fraction() {
  if (type_.length > 6) {
    return fail(ErrorName::precision_too_big, {std::to_string(type_.length), column_, "6"});
  }
  if (type_.length == 0) type_.length = -1;
}

bool Completion::set_charset() {
  const CollationInfo* chosen = nullptr;
  if (!type_.collation.empty()) {
    chosen = find_collation(type_.collation);
    if (chosen == nullptr) fail(ErrorName::unknown_collation, {type_.collation});
  } else if (type_.charset.empty()) {
    chosen = &info_of(table_collation_);
  }
  if (!type_.charset.empty()) {
    const CollationInfo* of_charset = default_collation(type_.charset);
    if (of_charset == nullptr) fail(ErrorName::unknown_charset, {type_.charset});
    if (chosen == nullptr) chosen = of_charset;
    if (of_charset != nullptr && chosen->charset != of_charset->charset) {
      fail(ErrorName::collation_mismatch, {chosen->name, of_charset->charset});
    }
  }
  if (error_.number != 0) return true;
  if (type_.binary_collation && type_.collation.empty() && chosen->charset != "binary") {
    chosen = find_collation(std::string(chosen->charset) + "_bin");
  }
  type_.binary_collation = false;
  const bool is_text = chosen->id != storage::Collation::binary;
  type_.charset = is_text ? chosen->charset : "";
  type_.collation = is_text ? chosen->name : "";
  return is_text;
}

void Completion::characters(int64_t most_bytes) {
  if (!set_charset()) {
    const bool fixed = type_.name == TypeName::character;
    type_.name = fixed ? TypeName::binary : TypeName::varbinary;
    return bytes(most_bytes);
  }
  if (error_.number != 0) return;
  if (type_.length < 0) type_.length = 1;
  const int64_t each = find_collation(type_.collation)->char_bytes;
  const int64_t most = type_.name == TypeName::character ? kMostCharLength : most_bytes / each;
  if (type_.length > most) fail(ErrorName::column_too_long, {column_, std::to_string(most)});
}

void Completion::bytes(int64_t most) {
  if (type_.length < 0) type_.length = 1;
  if (type_.length > most) fail(ErrorName::column_too_long, {column_, std::to_string(most)});
}

// TEXT(n) and BLOB(n): the smallest kind that has room for n characters.
void Completion::text() {
  const bool is_blob = type_.name >= TypeName::tinyblob && type_.name <= TypeName::longblob;
  constexpr std::pair<TypeName, TypeName> kBlobs[] = {{TypeName::tinytext, TypeName::tinyblob},
                                                      {TypeName::text, TypeName::blob},
                                                      {TypeName::mediumtext, TypeName::mediumblob},
                                                      {TypeName::longtext, TypeName::longblob}};
  const bool bare = is_blob || !set_charset();
  if (error_.number != 0) return;
  if (type_.length > 0) {
    const int64_t each = bare ? 1 : find_collation(type_.collation)->char_bytes;
    const int64_t wanted = std::min<int64_t>(type_.length, limits::kMaxValueBytes) * each;
    type_.name = wanted < 1 << 8    ? TypeName::tinytext
                 : wanted < 1 << 16 ? TypeName::text
                 : wanted < 1 << 24 ? TypeName::mediumtext
                                    : TypeName::longtext;
  }
  type_.length = -1;
  for (const auto& [as_text, as_blob] : kBlobs) {
    if (bare && type_.name == as_text) {
      type_.name = as_blob;
      break;
    }
  }
}

void Completion::complete() {
  switch (type_.name) {
    case TypeName::tinyint: return integer(4);
    case TypeName::smallint: return integer(6);
    case TypeName::mediumint: return integer(9);
    case TypeName::integer: return integer(11);
    case TypeName::bigint: return integer(20);
    case TypeName::decimal: return decimal();
    case TypeName::float_number:
    case TypeName::double_number: return floating();
    case TypeName::year:
      if (type_.length >= 0 && type_.length != 4) fail(ErrorName::bad_year_width, {});
      type_.length = -1;
      return;
    case TypeName::character: return characters(kMostCharLength);
    case TypeName::varchar: return characters(kMostVarcharBytes);
    case TypeName::binary: return bytes(kMostCharLength);
    case TypeName::varbinary: return bytes(kMostVarcharBytes);
    case TypeName::tinytext:
    case TypeName::text:
    case TypeName::mediumtext:
    case TypeName::longtext:
    case TypeName::tinyblob:
    case TypeName::blob:
    case TypeName::mediumblob:
    case TypeName::longblob: return text();
    case TypeName::date: return;
    case TypeName::time:
    case TypeName::datetime:
    case TypeName::timestamp: return fraction();
    case TypeName::bit:
    case TypeName::enumeration:
    case TypeName::set:
    case TypeName::json: return fail(ErrorName::not_supported_yet, {to_string(type_.name)});
  }
}

}  // namespace

std::variant<ColumnTypeSpec, SqlError> complete_type(ColumnTypeSpec declared,
                                                     std::string_view column,
                                                     storage::Collation table_collation) {
  return Completion(std::move(declared), column, table_collation).run();
}

}  // namespace aftersync::sql
