// HistoryRecorder: what transactions appended to lists and read of them, as a history that the
// checkers of model/history judge (model/history/history_format.h).
//
// A transaction knows what it has asked only at its end (a scan finds what it finds), so its
// beginning is noted by its place in the order of events, and written down when all is over.
//
// It copies what it keeps. Used by one task at a time; in the simulator from within a HostScope, as
// it outlives the server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aftersync::faults {

struct ListOp {
  bool is_append = false;
  int64_t key = 0;
  int64_t element = 0;  // of an append
  std::string list;     // of a read: "1,2,3"; empty: there was none
};

class HistoryRecorder {
 public:
  // Returns the transaction's number.
  [[nodiscard]] size_t begin(uint64_t process);
  // `committed`: it did. Otherwise it is known not to have.
  void end(size_t transaction, bool committed, const std::vector<ListOp>& ops);

  [[nodiscard]] uint64_t operations() const { return operations_; }
  // As text, one event a line.
  [[nodiscard]] std::string text() const;

 private:
  struct Record {
    uint64_t process = 0;
    bool committed = false;
    std::vector<ListOp> ops;
  };
  struct Event {
    size_t transaction = 0;
    bool is_end = false;
  };

  [[nodiscard]] std::string line(size_t index, const Event& event) const;

  std::vector<Record> records_;
  std::vector<Event> events_;
  uint64_t operations_ = 0;
};

}  // namespace aftersync::faults
