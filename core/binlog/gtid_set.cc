// GtidSet: intervals.
#include "core/binlog/gtid_set.h"

#include <algorithm>
#include <iterator>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/binlog/gtid_text.h"

namespace aftersync::binlog {

// --- text ---

Result<GtidSet> GtidSet::parse(std::string_view text) {
  GtidText tokens(text);
  GtidSet set;
  while (true) {
    while (tokens.take(',')) {
    }
    if (tokens.at_end()) return set;
    ASSIGN_OR_RETURN(const Uid source, tokens.source());
    if (!tokens.take(':')) return tokens.expected("':'");
    do {
      ASSIGN_OR_RETURN(const uint64_t first, tokens.number());
      uint64_t last = first;
      if (tokens.take('-')) {
        ASSIGN_OR_RETURN(last, tokens.number());
      }
      if (first <= last) set.add(source, first, last);
    } while (tokens.take(':'));
    if (!tokens.at_end() && !tokens.take(',')) return tokens.expected("',' or ':'");
  }
}

std::string GtidSet::to_string() const {
  std::string text;
  for (const auto& [source, intervals] : sources_) {
    if (!text.empty()) text += ",\n";
    text += source.to_string();
    for (const auto& [first, end] : intervals) {
      text += ":" + std::to_string(first);
      if (end - first > 1) text += "-" + std::to_string(end - 1);
    }
  }
  return text;
}

// --- bytes ---

std::string GtidSet::encode() const {
  std::string bytes;
  append_le<uint64_t>(bytes, sources_.size());
  for (const auto& [source, intervals] : sources_) {
    bytes += source.bytes();
    append_le<uint64_t>(bytes, intervals.size());
    for (const auto& [first, end] : intervals) {
      append_le(bytes, first);
      append_le(bytes, end);
    }
  }
  return bytes;
}

Result<GtidSet> GtidSet::decode(std::string_view bytes) {
  Reader reader(bytes);
  const auto malformed = [&](std::string_view what) -> Status {
    return {Code::corruption, "encoded GTID set: " + std::string(what) + " at offset " +
                                  std::to_string(reader.offset())};
  };
  GtidSet set;
  // Counts are not believed: what they announce must be there, piece by piece.
  for (auto sources = reader.le<uint64_t>(); sources > 0 && reader.ok(); --sources) {
    const std::string_view uuid = reader.bytes(Uid::kBytes);
    auto intervals = reader.le<uint64_t>();
    if (!reader.ok()) break;
    ASSIGN_OR_RETURN(const Uid source, Uid::from_bytes(uuid));
    uint64_t after = 0;
    for (; intervals > 0; --intervals) {
      const auto first = reader.le<uint64_t>();
      const auto end = reader.le<uint64_t>();
      if (!reader.ok()) break;
      if (first <= after || end <= first || end > kMaxGtidNumber + 1) {
        return malformed("interval out of order or out of range, before");
      }
      set.add(source, first, end - 1);
      after = end;
    }
  }
  if (!reader.ok()) return malformed("cut short");
  if (!reader.at_end()) return malformed("bytes left over");
  return set;
}

// --- changes ---

void GtidSet::add_interval(Intervals& intervals, uint64_t first, uint64_t end) {
  // Everything that overlaps or touches the new one goes into it.
  auto it = intervals.upper_bound(first);
  if (it != intervals.begin() && std::prev(it)->second >= first) --it;
  while (it != intervals.end() && it->first <= end) {
    first = std::min(first, it->first);
    end = std::max(end, it->second);
    it = intervals.erase(it);
  }
  intervals.emplace_hint(it, first, end);
}

void GtidSet::remove_interval(Intervals& intervals, uint64_t first, uint64_t end) {
  auto it = intervals.upper_bound(first);
  if (it != intervals.begin() && std::prev(it)->second > first) --it;
  while (it != intervals.end() && it->first < end) {
    const auto [old_first, old_end] = *it;
    it = intervals.erase(it);
    if (old_first < first) intervals.emplace_hint(it, old_first, first);
    if (old_end > end) it = intervals.emplace_hint(it, end, old_end);
  }
}

void GtidSet::add(const Uid& source, uint64_t first, uint64_t last) {
  CHECK_GE(first, uint64_t{1});
  CHECK_LE(first, last);
  CHECK_LE(last, kMaxGtidNumber);
  add_interval(sources_[source], first, last + 1);
}

void GtidSet::add(const GtidSet& other) {
  if (&other == this) return;
  for (const auto& [source, intervals] : other.sources_) {
    for (const auto& [first, end] : intervals) add_interval(sources_[source], first, end);
  }
}

void GtidSet::remove(const GtidSet& other) {
  if (&other == this) return clear();
  for (const auto& [source, intervals] : other.sources_) {
    const auto own = sources_.find(source);
    if (own == sources_.end()) continue;
    for (const auto& [first, end] : intervals) remove_interval(own->second, first, end);
    if (own->second.empty()) sources_.erase(own);
  }
}

// --- questions ---

bool GtidSet::contains(const Gtid& gtid) const {
  return first_unused(gtid.source, gtid.number) != gtid.number;
}

bool GtidSet::contains(const GtidSet& other) const {
  for (const auto& [source, intervals] : other.sources_) {
    for (const auto& [first, end] : intervals) {
      if (first_unused(source, first) < end) return false;
    }
  }
  return true;
}

bool GtidSet::intersects(const GtidSet& other) const {
  for (const auto& [source, intervals] : other.sources_) {
    const auto own = sources_.find(source);
    if (own == sources_.end()) continue;
    for (const auto& [first, end] : intervals) {
      const auto after = own->second.lower_bound(end);
      if (after != own->second.begin() && std::prev(after)->second > first) return true;
    }
  }
  return false;
}

uint64_t GtidSet::count() const {
  uint64_t count = 0;
  for (const auto& [source, intervals] : sources_) {
    for (const auto& [first, end] : intervals) count += end - first;
  }
  return count;
}

uint64_t GtidSet::first_unused(const Uid& source, uint64_t from) const {
  const auto own = sources_.find(source);
  if (own == sources_.end()) return from;
  const auto after = own->second.upper_bound(from);
  if (after == own->second.begin()) return from;
  return std::max(from, std::prev(after)->second);
}

}  // namespace aftersync::binlog
