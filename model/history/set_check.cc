// The set: elements are added and never removed, so what is in it once stays.
//
// An element is *known* from the moment its add was acknowledged, or a read that shows it was
// answered. A read that begins later and misses it is wrong in one of three degrees. When the last
// read of all (the one that began last) misses it, it is gone: set-lost when the add was
// acknowledged, set-vanished when it only had been seen. When the last read shows it after all, the
// read that missed it was stale; a store without real-time order may do that.
#include <algorithm>
#include <map>

#include "model/history/call_value.h"
#include "model/history/workloads.h"

namespace aftersync::model {

namespace {

struct Element {
  const Call* add = nullptr;
  uint32_t known = kNone;    // index from which reads must show it
  uint64_t shown_since = 0;  // reads begun after that and showing it
  bool in_last_read = false;
};

struct Read {
  const Call* call;
  std::vector<int64_t> elements;  // sorted, distinct
};

using Elements = std::map<int64_t, Element>;

Status collect_adds(const History& history, Elements& elements) {
  for (const Call* call : calls_of(history, "set/add")) {
    ASSIGN_OR_RETURN(const nlohmann::json value, argument_of(*call));
    if (!is_integer(value)) return call_error(call->invoke_line, "expected an integer to add");
    Element& element = elements[value.get<int64_t>()];
    if (element.add != nullptr) {
      return call_error(call->invoke_line, value.dump() + " is added a second time");
    }
    element.add = call;
    if (call->outcome == Completion::ok) element.known = call->complete;
  }
  return Status();
}

// Sorted by when they began. Reports what a single read must not show.
Status collect_reads(const History& history, Elements& elements, std::vector<Read>& reads,
                     Findings& findings) {
  for (const Call* call : calls_of(history, "set/read")) {
    if (call->outcome != Completion::ok) continue;
    ASSIGN_OR_RETURN(const nlohmann::json value, result_of(*call));
    ASSIGN_OR_RETURN(std::vector<int64_t> shown, integers_of(value, call->complete_line));
    std::ranges::sort(shown);
    const std::string start = "A read (" + call_place(*call) + ") shows ";
    for (size_t i = 0; i < shown.size(); ++i) {
      const std::string text = start + std::to_string(shown[i]);
      if (i > 0 && shown[i] == shown[i - 1]) {
        if (i < 2 || shown[i] != shown[i - 2]) {
          findings.add_text(Anomaly::set_duplicate, text + " more than once.");
        }
        continue;
      }
      const auto element = elements.find(shown[i]);
      if (element == elements.end() || element->second.add->invoke > call->complete) {
        findings.add_text(Anomaly::set_unknown, text + ", which nobody had added.");
      } else if (element->second.add->outcome == Completion::fail) {
        findings.add_text(Anomaly::set_aborted,
                          text + ", whose add failed (" + call_place(*element->second.add) + ").");
      }
      if (element != elements.end()) {
        element->second.known = std::min(element->second.known, call->complete);
      }
    }
    shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
    reads.push_back({call, std::move(shown)});
  }
  return Status();
}

void judge(int64_t value, const Element& element, uint64_t reads_since, Findings& findings) {
  if (element.shown_since == reads_since) return;
  const std::string text = "Element " + std::to_string(value) + " (" + call_place(*element.add) +
                           ") was known at index " + std::to_string(element.known) + ", but ";
  const std::string missed = std::to_string(reads_since - element.shown_since) + " of " +
                             std::to_string(reads_since) + " later reads missed it";
  if (element.in_last_read) {
    findings.add_text(Anomaly::set_stale, text + missed + ".");
  } else {
    findings.add_text(
        element.add->outcome == Completion::ok ? Anomaly::set_lost : Anomaly::set_vanished,
        text + missed + ", the last among them.");
  }
}

}  // namespace

Status check_set(const History& history, Findings& findings) {
  Elements elements;
  std::vector<Read> reads;
  RETURN_IF_ERROR(collect_adds(history, elements));
  RETURN_IF_ERROR(collect_reads(history, elements, reads, findings));
  if (!elements.empty() && reads.empty()) {
    findings.give_up("set: no read, so lost elements cannot be told");
  }
  for (const Read& read : reads) {
    const bool last = &read == &reads.back();  // calls stand in the order in which they began
    for (const int64_t value : read.elements) {
      const auto element = elements.find(value);
      if (element == elements.end()) continue;
      if (read.call->invoke > element->second.known) ++element->second.shown_since;
      if (last) element->second.in_last_read = true;
    }
  }
  for (const auto& [value, element] : elements) {
    const auto since = std::ranges::upper_bound(reads, element.known, {},
                                                [](const Read& r) { return r.call->invoke; });
    judge(value, element, static_cast<uint64_t>(reads.end() - since), findings);
  }
  return Status();
}

}  // namespace aftersync::model
