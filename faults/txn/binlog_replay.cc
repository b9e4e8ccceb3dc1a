// BinlogReplay: from events to rows.
#include "faults/txn/binlog_replay.h"

#include <algorithm>

#include "core/binlog/transaction_scan.h"

namespace aftersync::faults {

namespace {

using binlog::ColumnSet;
using binlog::EventType;
using binlog::EventView;

RowBytes spread(const binlog::RowImage& image, const ColumnSet& columns) {
  RowBytes row(columns.size());
  size_t next = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] && image[next]) row[i] = std::string(*image[next]);
    if (columns[i]) ++next;
  }
  return row;
}

// Collects one file.
class FileReader {
 public:
  explicit FileReader(std::vector<LoggedTransaction>& to) : to_(to) {}

  Status take(const EventView& event, binlog::BinlogPlace end) {
    ASSIGN_OR_RETURN(const bool ends, scan_.take(event));
    switch (event.header.type) {
      case EventType::gtid:
      case EventType::anonymous_gtid: return begin(event);
      case EventType::table_map: return map(event);
      case EventType::query:
      case EventType::xid:
        if (ends) {
          current_.end = end;
          to_.push_back(current_);
        }
        return {};
      default: break;
    }
    if (!binlog::RowsReader::kind_of(event.header.type)) return {};
    return rows(event);
  }
  [[nodiscard]] bool is_between() const { return scan_.is_between(); }

 private:
  Status begin(const EventView& event) {
    ASSIGN_OR_RETURN(const auto gtid, binlog::GtidEvent::decode(event.body));
    current_ = LoggedTransaction();
    current_.gtid = gtid.gtid;
    current_.last_committed = gtid.last_committed;
    current_.sequence_number = gtid.sequence_number;
    maps_.clear();
    return {};
  }

  Status map(const EventView& event) {
    ASSIGN_OR_RETURN(auto map, binlog::TableMap::decode(event.body));
    const uint64_t id = map.table_id;
    maps_.insert_or_assign(id, std::move(map));
    return {};
  }

  Status rows(const EventView& event) {
    ASSIGN_OR_RETURN(const uint64_t id, binlog::RowsReader::table_id_of(event.body));
    const auto found = maps_.find(id);
    if (found == maps_.end()) return {Code::corruption, "rows without their table map"};
    ASSIGN_OR_RETURN(auto reader,
                     binlog::RowsReader::open(event.header.type, event.body, found->second));
    binlog::RowImage before;
    binlog::RowImage after;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, reader.next(before, after));
      if (!more) break;
      RowEffect effect;
      effect.table = found->second.database + "/" + found->second.table;
      effect.has_before = reader.before();
      effect.has_after = reader.after();
      if (reader.kind() != binlog::RowsKind::write) {
        effect.before = spread(before, reader.before());
      }
      if (reader.kind() != binlog::RowsKind::remove) effect.after = spread(after, reader.after());
      current_.effects.push_back(std::move(effect));
    }
    if (reader.ends_statement()) maps_.clear();
    return {};
  }

  std::vector<LoggedTransaction>& to_;
  binlog::TransactionScan scan_;
  std::map<uint64_t, binlog::TableMap> maps_;
  LoggedTransaction current_;
};

}  // namespace

Result<std::vector<LoggedTransaction>> read_transactions(binlog::Binlog& binlog) {
  std::vector<LoggedTransaction> transactions;
  ASSIGN_OR_RETURN(const auto files, binlog.list());
  for (const auto& file : files) {
    ASSIGN_OR_RETURN(auto stream, binlog.read(file.number));
    FileReader reader(transactions);
    while (true) {
      ASSIGN_OR_RETURN(const auto event, stream.next(file.bytes));
      if (!event) break;
      RETURN_IF_ERROR(reader.take(*event, {file.number, stream.position()}));
    }
    if (!reader.is_between()) return {Code::corruption, file.name + " ends within a transaction"};
  }
  return transactions;
}

std::string ReplayedTables::apply(const LoggedTransaction& transaction) {
  for (const RowEffect& effect : transaction.effects) {
    const std::string wrong = apply_effect(effect);
    if (!wrong.empty()) {
      return transaction.gtid.to_string() + ", table " + effect.table + ": " + wrong;
    }
  }
  return "";
}

std::string ReplayedTables::apply_effect(const RowEffect& effect) {
  std::vector<RowBytes>& rows = tables_[effect.table];
  if (!effect.before) {
    rows.push_back(*effect.after);
    return "";
  }
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const RowBytes& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (effect.has_before[i] && row[i] != (*effect.before)[i]) return false;
    }
    return true;
  });
  if (found == rows.end()) return "no row " + to_text(*effect.before);
  if (!effect.after) {
    rows.erase(found);
    return "";
  }
  for (size_t i = 0; i < found->size(); ++i) {
    if (effect.has_after[i]) (*found)[i] = (*effect.after)[i];
  }
  return "";
}

std::vector<RowBytes> ReplayedTables::rows(const std::string& table) const {
  const auto found = tables_.find(table);
  if (found == tables_.end()) return {};
  std::vector<RowBytes> rows = found->second;
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::string to_text(const RowBytes& row) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "(";
  for (const auto& field : row) {
    if (text.size() > 1) text += ", ";
    if (!field) text += "NULL";
    for (const char byte : field.value_or("")) {
      text += kDigits[static_cast<uint8_t>(byte) >> 4];
      text += kDigits[static_cast<uint8_t>(byte) & 15];
    }
  }
  return text + ")";
}

}  // namespace aftersync::faults
