// Dependencies inferred from transactions that write and read registers.
//
// A register shows only its last value, so that of the order of versions one learns little. What
// is certain, given that each value is written to a key once:
//
//   - null, the state before all writes, comes before every other version;
//   - a transaction that first reads version u of a key and then writes it makes a version after u
//     ("writes follow reads").
//
// This gives a partial order: null < v, and u < v for read-then-write. From it:
//
//   wr   from the writer of v to every transaction that read v
//   ww   from the writer of u to the writer of v, where u < v
//   rw   from every transaction that read u to the writer of v, where u < v
//
// where a transaction's version of a key is its last write to it, and its read is any that it did
// not write itself. Missing order means missing edges, never wrong ones: a register history can
// pass that a list-append history of the same run would convict. Prefer lists.
//
// A value that was written by an unanswered transaction and read by nobody may never have existed,
// and is no version.
#pragma once

#include <vector>

#include "model/history/inference.h"

namespace aftersync::model {

class RwRegisterInference : public Inference {
 public:
  explicit RwRegisterInference(const History& history);

  [[nodiscard]] const std::vector<bool>& happened() const override { return happened_; }
  void run(GraphBuilder& builder, Findings& findings) override;
  [[nodiscard]] std::string reason(uint32_t from, uint32_t to, EdgeKinds kind, const std::string& a,
                                   const std::string& b) const override;

 private:
  // A transaction that read `version` of `key`, or that read it first and then wrote the key.
  struct Touch {
    uint32_t key;
    int64_t version;
    uint32_t transaction;
    auto operator<=>(const Touch&) const = default;
  };

  void collect();
  [[nodiscard]] static int64_t value_read(const MicroOp& read);
  // The last value that the transaction writes to the key; kNil when none.
  [[nodiscard]] int64_t last_write(uint32_t transaction, uint32_t key) const;
  // The version on which the transaction's write to the key follows; false when unknown.
  [[nodiscard]] bool base_of(uint32_t transaction, uint32_t key, int64_t& base) const;
  [[nodiscard]] bool reads(uint32_t transaction, uint32_t key, int64_t version) const;
  [[nodiscard]] uint32_t writer(uint32_t key, int64_t value) const;

  void add_read_edges(GraphBuilder& builder, uint32_t reader) const;
  void add_version_edges(GraphBuilder& builder) const;

  void check_reads(Findings& findings, uint32_t reader) const;
  void check_internal(Findings& findings, uint32_t transaction) const;
  void check_vanished(Findings& findings, uint32_t reader) const;
  void check_lost_updates(Findings& findings) const;
  void check_cyclic_versions(Findings& findings) const;

  const History& history_;
  std::vector<bool> happened_;
  std::vector<Touch> readers_;   // reads of versions not written by the reader itself; sorted
  std::vector<Touch> updaters_;  // who first read the version and then wrote the key; sorted
  std::vector<Touch> writers_;   // who wrote the key at all, version kNil; sorted
};

}  // namespace aftersync::model
