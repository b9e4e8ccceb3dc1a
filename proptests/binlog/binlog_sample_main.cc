// binlog-sample FILE SEED: writes a binlog of random transactions, and prints each row of them as
// `mariadb-binlog -v` shows it. proptests/binlog/test_mariadb_binlog.py holds the two side by side:
// the tool reads bytes that we have laid out, and was not written by us.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/prng.h"
#include "core/binlog/control_events.h"
#include "core/binlog/decimal_field.h"
#include "core/binlog/event_buffer.h"
#include "core/binlog/gtid_set.h"
#include "core/binlog/row_events.h"
#include "core/binlog/temporal_field.h"
#include "core/binlog/transaction_events.h"

namespace aftersync::binlog {
namespace {

constexpr uint32_t kServerId = 7;
constexpr size_t kTransactions = 40;

// A value as it stands in an image, and as the tool shows it.
struct Shown {
  std::string bytes;
  std::string text;
};

std::string two_digits(uint32_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

class Sample {
 public:
  explicit Sample(uint64_t seed) : prng_(seed), source_(Uid::from_random(seed, 1)) {
    map_.table_id = 1000 + seed % 1000;
    map_.database = "shop";
    map_.table = "orders";
    const FieldType integers[] = {FieldType::tiny, FieldType::short_integer, FieldType::int24,
                                  FieldType::long_integer, FieldType::longlong};
    for (const FieldType type : integers) map_.columns.push_back({{type, 0}, true});
    for (const Field field :
         {decimal_field(20, 6), Field{FieldType::date, 0}, Field{FieldType::datetime2, 6},
          Field{FieldType::time2, 3}, Field{FieldType::varchar, 400}, string_field(30),
          Field{FieldType::blob, 2}, Field{FieldType::double_number, 8}}) {
      map_.columns.push_back({field, true});
    }
    FormatDescription description;
    description.server_version = "8.0.34-aftersync";
    add(EventType::format_description, description.encode());
    add(EventType::previous_gtids, GtidSet().encode(), kIgnorable);
  }

  void add_transaction(uint64_t number) {
    GtidEvent gtid;
    gtid.gtid = {source_, number};
    gtid.last_committed = static_cast<int64_t>(number) - 1;
    gtid.sequence_number = static_cast<int64_t>(number);
    add(EventType::gtid, gtid.encode());
    QueryEvent begin;
    begin.context.sql_mode = 0;
    begin.context.charset = {45, 45, 8};
    begin.database = map_.database;
    begin.statement = "BEGIN";
    add(EventType::query, begin.encode());
    const auto kind = static_cast<RowsKind>(prng_.below(3));
    ColumnSet columns(map_.columns.size(), true);
    RowsWriter rows(kind, map_.table_id, true, columns, columns);
    const size_t count = 1 + prng_.below(3);
    for (size_t i = 0; i < count; ++i) add_row(kind, rows);
    add(EventType::table_map, map_.encode());
    add(rows.type(), rows.body());
    add(EventType::xid, XidEvent{number}.encode());
  }

  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  void add(EventType type, std::string_view body, uint16_t flags = 0) {
    EventHeader header;
    header.timestamp = 1'700'000'000;
    header.type = type;
    header.server_id = kServerId;
    header.flags = flags;
    EventBuffer event(Checksum::crc32);
    event.add(header, body);
    file_ += event.placed_at(file_.size());
  }

  void add_row(RowsKind kind, RowsWriter& rows) {
    const std::string table = " `" + map_.database + "`.`" + map_.table + "`";
    const char* const verbs[] = {"INSERT INTO", "UPDATE", "DELETE FROM"};
    std::printf("### %s%s\n", verbs[static_cast<size_t>(kind)], table.c_str());
    if (kind != RowsKind::write) add_image("WHERE", rows);
    if (kind != RowsKind::remove) add_image("SET", rows);
  }

  void add_image(const char* clause, RowsWriter& rows) {
    std::printf("### %s\n", clause);
    std::vector<Shown> values;
    RowImage image;
    values.reserve(map_.columns.size());
    for (size_t i = 0; i < map_.columns.size(); ++i) {
      const bool is_null = prng_.chance(0.1);
      values.push_back(is_null ? Shown{"", "NULL"} : drawn(i));
      std::printf("###   @%zu=%s\n", i + 1, values.back().text.c_str());
      image.push_back(is_null ? std::nullopt
                              : std::optional<std::string_view>(values.back().bytes));
    }
    rows.append(image);
  }

  Shown drawn(size_t column) {
    const Field& field = map_.columns[column].field;
    switch (field.type) {
      case FieldType::tiny: return integer(1);
      case FieldType::short_integer: return integer(2);
      case FieldType::int24: return integer(3);
      case FieldType::long_integer: return integer(4);
      case FieldType::longlong: return integer(8);
      case FieldType::newdecimal: return decimal(field);
      case FieldType::date: {
        Shown shown;
        const CivilTime day = civil();
        append_date(shown.bytes, day);
        shown.text = "'" + std::to_string(day.year) + ":" + two_digits(day.month) + ":" +
                     two_digits(day.day) + "'";
        return shown;
      }
      case FieldType::datetime2: return datetime();
      case FieldType::time2: return time();
      case FieldType::double_number: return number();
      default: return text(field);
    }
  }

  // The tool knows no signs: of a negative number it shows the unsigned one as well, if short.
  Shown integer(size_t bytes) {
    Shown shown;
    const uint64_t bits = prng_.next() >> (64 - 8 * bytes);
    for (size_t i = 0; i < bytes; ++i) shown.bytes += static_cast<char>(bits >> (8 * i));
    const auto value = static_cast<int64_t>(bits << (64 - 8 * bytes)) >> (64 - 8 * bytes);
    shown.text = std::to_string(value);
    if (value < 0) shown.text += " (" + std::to_string(bits) + ")";
    return shown;
  }

  Shown decimal(const Field& field) {
    Shown shown;
    shown.text = prng_.chance(0.5) ? "-" : "";
    shown.text += std::to_string(1 + prng_.below(1'000'000'000'000)) + ".";
    for (int i = 0; i < 6; ++i) shown.text += std::to_string(prng_.below(10));
    CHECK(append_decimal(shown.bytes, field, shown.text).ok());
    return shown;
  }

  CivilTime civil() {
    CivilTime time;
    time.year = static_cast<uint32_t>(1000 + prng_.below(9000));
    time.month = static_cast<uint32_t>(1 + prng_.below(12));
    time.day = static_cast<uint32_t>(1 + prng_.below(28));
    time.hour = static_cast<uint32_t>(prng_.below(24));
    time.minute = static_cast<uint32_t>(prng_.below(60));
    time.second = static_cast<uint32_t>(prng_.below(60));
    time.microsecond = static_cast<uint32_t>(prng_.below(1'000'000));
    return time;
  }

  static std::string clock(const CivilTime& time, size_t digits) {
    const std::string fraction = std::to_string(1'000'000 + time.microsecond).substr(1, digits);
    return two_digits(time.hour) + ":" + two_digits(time.minute) + ":" + two_digits(time.second) +
           "." + fraction;
  }

  Shown datetime() {
    Shown shown;
    const CivilTime time = civil();
    append_datetime(shown.bytes, time, 6);
    shown.text = "'" + std::to_string(time.year) + "-" + two_digits(time.month) + "-" +
                 two_digits(time.day) + " " + clock(time, 6) + "'";
    return shown;
  }

  Shown time() {
    Shown shown;
    CivilTime time = civil();
    time.hour = static_cast<uint32_t>(prng_.below(839));
    time.is_negative = prng_.chance(0.5);
    append_time(shown.bytes, time, 3);
    shown.text = std::string("'") + (time.is_negative ? "-" : "") + clock(time, 3) + "'";
    return shown;
  }

  Shown number() {
    Shown shown;
    const double value = static_cast<double>(prng_.below(1'000'000)) / 64;
    shown.bytes.assign(reinterpret_cast<const char*>(&value), sizeof value);
    char text[64];
    std::snprintf(text, sizeof text, "%.20g", value);
    shown.text = text;
    return shown;
  }

  Shown text(const Field& field) {
    const bool is_short = field.type == FieldType::string;
    const std::string value(prng_.below(is_short ? 31 : 401),
                            static_cast<char>('a' + prng_.below(26)));
    Shown shown;
    shown.bytes += static_cast<char>(value.size());
    if (!is_short) shown.bytes += static_cast<char>(value.size() >> 8);
    shown.bytes += value;
    shown.text = "'" + value + "'";
    return shown;
  }

  Prng prng_;
  const Uid source_;
  TableMap map_;
  std::string file_{kFileMagic};
};

}  // namespace
}  // namespace aftersync::binlog

int main(int argc, char** argv) {
  using aftersync::binlog::kTransactions;
  if (argc != 3) {
    std::fprintf(stderr, "usage: binlog-sample FILE SEED\n");
    return 2;
  }
  aftersync::binlog::Sample sample(std::strtoull(argv[2], nullptr, 10));
  for (size_t i = 1; i <= kTransactions; ++i) sample.add_transaction(i);
  std::FILE* const file = std::fopen(argv[1], "wb");
  CHECK(file != nullptr);
  CHECK_EQ(std::fwrite(sample.file().data(), 1, sample.file().size(), file), sample.file().size());
  CHECK_EQ(std::fclose(file), 0);
  return 0;
}
