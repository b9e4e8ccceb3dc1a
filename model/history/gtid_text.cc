// Parsing and subtracting GTID sets.
#include "model/history/gtid_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace aftersync::model {

namespace {

bool parse_number(std::string_view text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      parts.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return parts;
}

}  // namespace

Result<GtidText> GtidText::parse(std::string_view text) {
  GtidText set;
  for (const std::string& part : split(text, ',')) {
    if (part.empty()) continue;
    const std::vector<std::string> items = split(part, ':');
    std::string source = items[0];
    if (items.size() < 2 || source.empty()) {
      return Status(Code::invalid_argument, "not a GTID set: " + part);
    }
    for (size_t i = 1; i < items.size(); ++i) {
      const size_t dash = items[i].find('-');
      const std::string first = items[i].substr(0, dash);
      const std::string last = dash == std::string::npos ? first : items[i].substr(dash + 1);
      Interval interval;
      if (!parse_number(first, interval.first) || !parse_number(last, interval.second) ||
          interval.first > interval.second) {
        const bool is_tag =
            !items[i].empty() && std::isdigit(static_cast<unsigned char>(items[i][0])) == 0;
        if (!is_tag) return Status(Code::invalid_argument, "not a GTID set: " + part);
        source = items[0] + ":" + items[i];
        continue;
      }
      set.intervals_[source].push_back(interval);
    }
  }
  for (auto& [source, intervals] : set.intervals_) normalize(intervals);
  return set;
}

void GtidText::normalize(std::vector<Interval>& intervals) {
  std::ranges::sort(intervals);
  std::vector<Interval> merged;
  for (const Interval& next : intervals) {
    if (!merged.empty() && next.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, next.second);
    } else {
      merged.push_back(next);
    }
  }
  intervals.swap(merged);
}

void GtidText::add(const GtidText& other) {
  for (const auto& [source, theirs] : other.intervals_) {
    std::vector<Interval>& mine = intervals_[source];
    mine.insert(mine.end(), theirs.begin(), theirs.end());
    normalize(mine);
  }
}

std::string GtidText::minus(const GtidText& other) const {
  std::string text;
  for (const auto& [source, mine] : intervals_) {
    const auto found = other.intervals_.find(source);
    std::string rest;
    for (Interval left : mine) {
      const auto put = [&rest](uint64_t first, uint64_t last) {
        rest += ":" + std::to_string(first);
        if (last > first) rest += "-" + std::to_string(last);
      };
      if (found != other.intervals_.end()) {
        for (const Interval& theirs : found->second) {
          if (theirs.second < left.first || theirs.first > left.second) continue;
          if (theirs.first > left.first) put(left.first, theirs.first - 1);
          left.first = theirs.second + 1;
        }
      }
      if (left.first <= left.second) put(left.first, left.second);
    }
    if (!rest.empty()) text += (text.empty() ? "" : ",") + source + rest;
  }
  return text;
}

}  // namespace aftersync::model
