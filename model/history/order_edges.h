// Edges from when transactions ran, whatever they did: each client's order, and real time.
//
// Real time: an edge A -> B means that A had been answered before B was asked. With n transactions
// that are n*n pairs, of which a graph needs few. Walking through the history in its order, each
// answer that is followed by a question closes a *moment*: a virtual node, to which lead the
// answers since the moment before, and that moment itself. A question hangs on the last moment. So
// the graph has a path A -> moment -> ... -> moment -> B exactly when A ended before B began, in at
// most three edges a transaction.
//
// Who takes part: transactions that committed, and unanswered ones that were seen to have happened.
// The latter begin but never end: they may take effect as late as you like.
#pragma once

#include <vector>

#include "model/history/dependency_graph.h"
#include "model/history/history.h"

namespace aftersync::model {

// `happened[t]`: transaction t is part of the graph.
void add_process_edges(const History& history, const std::vector<bool>& happened,
                       GraphBuilder& builder);
void add_realtime_edges(const History& history, const std::vector<bool>& happened,
                        GraphBuilder& builder);

}  // namespace aftersync::model
