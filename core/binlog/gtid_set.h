// GtidSet: which transactions a server has executed, retrieved, or no longer has in its binlogs.
//
// A server commits its numbers almost in order, so millions of transactions are a handful of
// intervals: the set is a map from source to disjoint, never adjacent intervals. Two sets are equal
// exactly when their maps are, and asking costs the logarithm of the number of intervals.
//
// Text (parse, to_string), as in @@gtid_executed:
//
//   set:       part ("," part)*, a part may be empty
//   part:      UUID (":" interval)+
//   interval:  NUMBER | NUMBER "-" NUMBER; empty when the second is less than the first
//
// Spaces and line ends may stand between tokens. Printed are the sources in the order of their
// bytes, a comma and a line end between two.
//
// Bytes (encode, decode), the body of a Previous_gtids event; all integers little-endian:
//
//        0     8  number of sources
//                 for each:
//        0    16  UUID
//       16     8  number of intervals
//                 for each:
//        0     8  first number
//        8     8  the number after the last
//
// Source: MySQL 8.0 manual, "GTID Sets"; MySQL internals, "Previous_gtids_event".
// Thread safety: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/gtid.h"

namespace aftersync::binlog {

class GtidSet {
 public:
  // Code::invalid_argument, naming the position.
  [[nodiscard]] static Result<GtidSet> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  // Code::corruption, naming the offset.
  [[nodiscard]] static Result<GtidSet> decode(std::string_view bytes);
  [[nodiscard]] std::string encode() const;

  void add(const Gtid& gtid) { add(gtid.source, gtid.number, gtid.number); }
  // The numbers from `first` to `last`, both included; 1 <= first <= last <= kMaxGtidNumber.
  void add(const Uid& source, uint64_t first, uint64_t last);
  void add(const GtidSet& other);
  void remove(const GtidSet& other);
  void clear() { sources_.clear(); }

  [[nodiscard]] bool contains(const Gtid& gtid) const;
  [[nodiscard]] bool contains(const GtidSet& other) const;  // GTID_SUBSET(other, this)
  [[nodiscard]] bool intersects(const GtidSet& other) const;
  [[nodiscard]] bool empty() const { return sources_.empty(); }
  // How many transactions.
  [[nodiscard]] uint64_t count() const;
  // The lowest number, not below `from`, of the source that is not in the set: what gtid_next =
  // AUTOMATIC takes. May be kMaxGtidNumber + 1: there is none left.
  [[nodiscard]] uint64_t first_unused(const Uid& source, uint64_t from = 1) const;

  friend bool operator==(const GtidSet&, const GtidSet&) = default;

 private:
  using Intervals = std::map<uint64_t, uint64_t>;  // first -> the number after the last

  static void add_interval(Intervals& intervals, uint64_t first, uint64_t end);
  static void remove_interval(Intervals& intervals, uint64_t first, uint64_t end);

  std::map<Uid, Intervals> sources_;  // none of them empty
};

}  // namespace aftersync::binlog
