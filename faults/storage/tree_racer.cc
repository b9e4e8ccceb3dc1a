// TreeRacer: changes, lookups and scans, each told to the ledger.
#include "faults/storage/tree_racer.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/storage/tree_check.h"
#include "faults/sim/heap.h"

namespace aftersync::faults {

namespace {

using sim::HostScope;
using storage::BTree;
using storage::LeafChange;
using storage::RecordView;
using storage::Seek;
using storage::TreeCursor;
using Version = TreeLedger::Version;

constexpr size_t kRankBytes = 4;
constexpr size_t kVersionBytes = 4;

// Puts a value where there was `was_there`, or takes it away.
class Change final : public LeafChange {
 public:
  Change(std::string value, bool erases) : value_(std::move(value)), erases_(erases) {}
  Result<Decision> decide(const RecordView* found, const storage::Frame&, uint16_t) override {
    found_ = found != nullptr;
    if (erases_) return found_ ? Decision{Action::erase, {}, 0} : Decision{};
    return Decision{found_ ? Action::replace : Action::insert, value_, 0};
  }
  void finish(storage::Mtr&) override {}
  [[nodiscard]] bool found() const { return found_; }

 private:
  const std::string value_;
  const bool erases_;
  bool found_ = false;
};

}  // namespace

std::string TreeRacer::key_of(size_t rank) const {
  std::string key(race_.key_bytes, 'k');
  append_be(key, static_cast<uint32_t>(rank));
  return key;
}

std::string TreeRacer::value_of(size_t rank, Version version) const {
  uint64_t state = rank * 1'000'003 + version;
  const size_t filler = splitmix64(state) % (race_.value_bytes + 1);
  std::string value;
  append_be(value, version);
  value.append(filler, static_cast<char>('a' + version % 26));
  return value;
}

void TreeRacer::violate(const std::string& what) {
  const HostScope host;
  violate_(what);
}

void TreeRacer::judge(size_t rank, TreeLedger::Moment since, Version seen) {
  const std::string wrong = ledger_.judge(rank, since, seen);
  if (!wrong.empty()) violate(wrong);
}

bool TreeRacer::parse(const RecordView& record, size_t& rank, Version& version) {
  if (record.key.size() == race_.key_bytes + kRankBytes && record.value.size() >= kVersionBytes) {
    rank = load_be<uint32_t>(record.key.data() + race_.key_bytes);
    version = load_be<Version>(record.value.data());
    if (rank < race_.keys && record.key == key_of(rank) &&
        record.value == value_of(rank, version)) {
      return true;
    }
  }
  violate("not a row: a record with " + std::to_string(record.key.size()) + " + " +
          std::to_string(record.value.size()) + " bytes");
  return false;
}

// --- changes ---

size_t TreeRacer::choose(size_t writer, bool with_row, Prng& prng) const {
  const size_t own = (race_.keys - writer + race_.writers - 1) / race_.writers;
  size_t rank = 0;
  for (int tries = 0; tries < 8; ++tries) {
    rank = writer + race_.writers * prng.below(own);
    if ((ledger_.version(rank) != TreeLedger::kAbsent) == with_row) break;
  }
  return rank;
}

Status TreeRacer::write(BTree& tree, size_t writer, Prng& prng) {
  if (rows_ >= race_.peak) grows_ = false;
  if (rows_ == 0) grows_ = true;
  const bool erases = prng.chance(grows_ ? 0.05 : 0.85);
  const size_t rank = choose(writer, erases || prng.chance(0.2), prng);
  const Version before = ledger_.version(rank);
  if (erases && before == TreeLedger::kAbsent) return get(tree, rank);
  // Versions of a row never come again: each change has a number of its own.
  const Version version =
      erases ? TreeLedger::kAbsent : static_cast<Version>(1 + changes_ * race_.keys + rank);
  ++changes_;
  ++operations_;
  if (before == TreeLedger::kAbsent) ++rows_;
  if (erases) --rows_;
  {
    const HostScope host;
    ledger_.begin(rank, version);
  }
  Change change(erases ? std::string() : value_of(rank, version), erases);
  RETURN_IF_ERROR(tree.modify(key_of(rank), change).status());
  ledger_.end(rank);
  if (change.found() != (before != TreeLedger::kAbsent)) {
    violate("row missed by its writer: key " + std::to_string(rank) +
            (change.found() ? " was there" : " was not there"));
  }
  return {};
}

// --- reads ---

Status TreeRacer::read(BTree& tree, Prng& prng) {
  ++operations_;
  if (prng.chance(0.5)) return get(tree, prng.below(race_.keys));
  Leg leg{prng.below(race_.keys), prng.below(race_.keys), prng.chance(0.5)};
  if (prng.chance(0.3)) leg = {0, race_.keys - 1, leg.forwards};
  if (leg.low > leg.high) std::swap(leg.low, leg.high);
  return scan(tree, leg, prng.chance(0.2));
}

Status TreeRacer::get(BTree& tree, size_t rank) {
  const TreeLedger::Moment since = ledger_.now();
  std::string value;
  ASSIGN_OR_RETURN(const bool found,
                   tree.get(key_of(rank), [&](const RecordView& record) { value = record.value; }));
  Version version = TreeLedger::kAbsent;
  size_t same = rank;
  if (found && !parse({key_of(rank), value, 0}, same, version)) return {};
  judge(rank, since, version);
  return {};
}

// There, and if asked for back from where it ended to where it began.
Status TreeRacer::scan(BTree& tree, const Leg& leg, bool there_and_back) {
  const TreeLedger::Moment since = ledger_.now();
  TreeCursor cursor(tree);
  const std::string from = key_of(leg.forwards ? leg.low : leg.high);
  auto on = cursor.seek(from, leg.forwards ? Seek::at_or_after : Seek::at_or_before);
  RETURN_IF_ERROR(follow(cursor, std::move(on), leg, since));
  if (!there_and_back) return {};
  // It has stopped on a record beyond the leg, or off the end. What has come to stand between the
  // two since is passed over: it is no part of the leg.
  const std::string turn = key_of(leg.forwards ? leg.high : leg.low);
  do {
    on = leg.forwards ? cursor.previous() : cursor.next();
    RETURN_IF_ERROR(on.status());
  } while (*on && (leg.forwards ? cursor.record().key > turn : cursor.record().key < turn));
  return follow(cursor, std::move(on), {leg.low, leg.high, !leg.forwards}, since);
}

Status TreeRacer::follow(TreeCursor& cursor, Result<bool> on, const Leg& leg,
                         TreeLedger::Moment since) {
  // The next rank to be accounted for; one beyond the leg at its end.
  auto expected = static_cast<int64_t>(leg.forwards ? leg.low : leg.high);
  const auto end =
      leg.forwards ? static_cast<int64_t>(leg.high) + 1 : static_cast<int64_t>(leg.low) - 1;
  const int64_t step = leg.forwards ? 1 : -1;
  const auto skip_to = [&](int64_t rank) {
    for (; expected != rank; expected += step) {
      judge(static_cast<size_t>(expected), since, TreeLedger::kAbsent);
    }
  };
  while (true) {
    RETURN_IF_ERROR(on.status());
    if (!*on) break;
    size_t rank = 0;
    Version version = 0;
    if (!parse(cursor.record(), rank, version)) return {};
    const auto met = static_cast<int64_t>(rank);
    if ((met - end) * step >= 0) break;
    if ((met - expected) * step < 0) {
      violate("out of order: key " + std::to_string(rank) + " comes after key " +
              std::to_string(expected - step));
      return {};
    }
    skip_to(met);
    judge(rank, since, version);
    expected += step;
    on = leg.forwards ? cursor.next() : cursor.previous();
  }
  skip_to(end);
  return {};
}

Status TreeRacer::check(storage::PageStore& store, BTree& tree) {
  const auto report = storage::check_tree(store, tree.root());
  if (report.code() == Code::corruption) {
    violate("structure: " + report.status().to_string());
    return {};
  }
  RETURN_IF_ERROR(report.status());
  RETURN_IF_ERROR(scan(tree, {0, race_.keys - 1, true}, true));
  for (size_t rank = 0; rank < race_.keys; ++rank) RETURN_IF_ERROR(get(tree, rank));
  return {};
}

}  // namespace aftersync::faults
