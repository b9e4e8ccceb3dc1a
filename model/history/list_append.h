// Dependencies inferred from transactions that append to lists and read them.
//
// The problem: the order of versions inside a database cannot be seen from outside, yet every
// isolation anomaly is defined by it. Lists solve this (Elle: Kingsbury and Alvaro, "Inferring
// isolation anomalies from experimental observations", 2020). When each element is appended once, a
// read of [3 1 4] says that the key had the versions [3], [3 1], [3 1 4], in this order, and who
// made each. One read of a whole list carries the history of its key.
//
// The order of a key is its longest read (of several longest, the least element by element; they
// contradict each other, and that is reported). In it an element is *installed* when its
// transaction happened and it stands there for the first time. Elements of failed transactions are
// passed over: they are reported as G1a, and are no versions.
//
//   ww   from the transaction of an installed element to that of the next installed one
//   wr   from the transaction of the last element of a read to the reader, when it did not fail
//   rw   from a reader to the transaction of the first installed element after what it read
//
// An element never read in any list comes after all that were: the longest read would have shown
// it. So it gets a ww edge from the last installed element, and an rw edge from all who read the
// whole order. Among themselves such elements have no order. An unanswered transaction none of
// whose elements was read may not have happened, and has no edges.
//
// A read that is no prefix of its key's order is reported, and gives its wr edge only.
// A transaction never has an edge to itself; what that would mean is internal or future-read.
#pragma once

#include <vector>

#include "model/history/inference.h"

namespace aftersync::model {

class ListAppendInference : public Inference {
 public:
  explicit ListAppendInference(const History& history);

  [[nodiscard]] const std::vector<bool>& happened() const override { return happened_; }
  void run(GraphBuilder& builder, Findings& findings) override;
  [[nodiscard]] std::string reason(uint32_t from, uint32_t to, EdgeKinds kind, const std::string& a,
                                   const std::string& b) const override;

 private:
  // The order of one key. Positions count elements of the order; `size` means "after the last".
  struct KeyOrder {
    uint32_t branch = 0;
    std::vector<uint32_t> writers;         // by position; kNone when nobody wrote the element
    std::vector<uint32_t> next_installed;  // by position, 0..size: the first installed from here on
    uint32_t last_installed = kNone;       // position
    uint32_t first_repeated = kNone;  // position of the first of each trouble, for a quick look
    uint32_t first_aborted = kNone;
    uint32_t first_unwritten = kNone;
    std::vector<uint32_t> agreeing;        // by branch: how many of its elements follow the order
    std::vector<uint32_t> unread;          // transactions with an append that no read shows; sorted
    std::vector<uint32_t> readers_of_all;  // who read the whole order; sorted
  };

  void find_happened();
  void find_order(uint32_t key);
  void mark_positions(uint32_t key, KeyOrder& order) const;
  void find_unread();
  [[nodiscard]] std::span<const int64_t> elements(uint32_t key) const;
  // Whether a read is a prefix of its key's order.
  [[nodiscard]] bool agrees(const MicroOp& read) const;
  [[nodiscard]] bool failed(uint32_t transaction) const;
  // Whether `transaction` appends to `key` again after `element`.
  [[nodiscard]] bool is_intermediate(uint32_t transaction, uint32_t key, int64_t element) const;

  void add_version_edges(GraphBuilder& builder, uint32_t key) const;
  void add_read_edges(GraphBuilder& builder, uint32_t reader, const MicroOp& read);

  void check_keys(Findings& findings) const;
  void check_program_order(Findings& findings, uint32_t key) const;
  void check_dirty_updates(Findings& findings, uint32_t key) const;
  void check_reads(Findings& findings, uint32_t reader) const;
  void check_elements(Findings& findings, uint32_t reader, const MicroOp& read) const;
  void check_internal(Findings& findings, uint32_t transaction) const;
  void check_vanished(Findings& findings, uint32_t reader) const;
  void check_lost_updates(Findings& findings) const;
  [[nodiscard]] bool misses_write_of(uint32_t writer, const MicroOp& read) const;

  [[nodiscard]] std::string ww_reason(uint32_t from, uint32_t to, const std::string& a,
                                      const std::string& b) const;
  [[nodiscard]] std::string wr_reason(uint32_t from, uint32_t to, const std::string& a,
                                      const std::string& b) const;
  [[nodiscard]] std::string rw_reason(uint32_t from, uint32_t to, const std::string& a,
                                      const std::string& b) const;

  const History& history_;
  std::vector<bool> happened_;
  std::vector<KeyOrder> orders_;  // by key
};

}  // namespace aftersync::model
