// Finds and names the circles of a dependency graph.
//
// Two questions are kept apart. Whether a consistency model is broken is answered by strongly
// connected components, exactly and in linear time. Which circle to show is answered by
// breadth-first search inside the components, for the shortest, within a budget.
//
// What is reported, at each of the levels plain, process (and the order of each client), realtime
// (and the order of the clock on the wall), unless an earlier level has it already:
//
//   G0             a circle of ww edges
//   G1c            a circle of ww and wr edges, with at least one wr
//   G-single       a circle of ww, wr and exactly one rw
//   G-nonadjacent  no G-single; a circle in which no rw follows an rw, with at least two of them
//   G2-item        a component with an rw edge inside, in which every circle has two rw in a row
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/history/anomaly.h"
#include "model/history/dependency_graph.h"

namespace aftersync::model {

// kinds[i] leads from transactions[i] to transactions[i+1], the last to the first.
struct Cycle {
  std::vector<uint32_t> transactions;
  std::vector<EdgeKinds> kinds;
};

struct CycleReport {
  // The shortest circle found of each kind, starting at its first transaction in time.
  std::map<Anomaly, Cycle> cycles;
  // Strongly connected components of the whole graph, and the transactions in the largest.
  uint32_t components = 0;
  uint32_t largest_component = 0;
  // Set when a search ended at its budget: shorter circles, or a G-single where a G-nonadjacent is
  // shown, may exist. Verdicts are exact all the same.
  bool budget_ran_out = false;
};

[[nodiscard]] CycleReport find_cycles(const DependencyGraph& graph);

}  // namespace aftersync::model
