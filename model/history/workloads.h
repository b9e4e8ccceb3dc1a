// The checks of histories that are not transactions: one function, and one file, a workload.
//
// Each looks at the calls whose f begins with its name (see history_format.h), so that one history
// may mix them: a ledger beside transactions, for example. Each adds what it finds, and fails with
// Code::invalid_argument and the line when a value does not have its shape.
#pragma once

#include "core/base/status.h"
#include "model/history/anomaly.h"
#include "model/history/history.h"

namespace aftersync::model {

// ledger/*: did acknowledged commits survive, did seen ones stay, do all nodes agree in the end?
Status check_ledger(const History& history, Findings& findings);
// set/*: elements are added and never removed.
Status check_set(const History& history, Findings& findings);
// bank/*: transfers neither make nor lose money.
Status check_bank(const History& history, Findings& findings);
// counter/*: each read lies between what must and what may have been added.
Status check_counter(const History& history, Findings& findings);
// monotonic/*: a value that only grows never shrinks.
Status check_monotonic(const History& history, Findings& findings);
// register/*: reads, writes and compare-and-set of single registers are linearizable.
Status check_registers(const History& history, Findings& findings);

}  // namespace aftersync::model
