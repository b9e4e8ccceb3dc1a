"""Breaks the checkers on purpose, one line at a time, and expects the comparison to notice.

    python3 -m proptests.history.break_checker [--count N]

Each bug is compiled into a copy of the checker's archive and linked into a program of its own. A
bug that no history of N of each kind betrays is a hole in the comparison, and fails this program.
Takes some minutes, so it is run by hand when checkers or oracles change.
"""

import argparse
import collections
import pathlib
import sys
import tempfile

from proptests.check import broken_program
from proptests.history import compare

TRANSACTIONS = ("append", "register")

# (kinds to compare, file of model/history, text, what stands there instead)
BUGS = [
    (["append"], "list_append.cc",
     "before != kNone && before != writer) builder.add(before, writer, kWw);\n    before = writer;",
     "false) builder.add(before, writer, kWw);\n before = writer;"),
    (["append"], "list_append.cc", "builder.add(writer, reader, kWr)", "(void)builder"),
    (["append"], "list_append.cc", "builder.add(reader, order.writers[next], kRw)",
     "(void)builder"),
    (["append"], "list_append.cc", "builder.add_rw_all(readers, order.unread);", ""),
    (["append"], "list_append.cc", "} else if (failed(writer)) {", "} else if (false) {"),
    (["append"], "list_append.cc", "happened_[writer] = true", "happened_[writer] = false"),
    (["append"], "list_append_checks.cc", "if (!is_intermediate(writer, read.key, list.back())) "
     "continue;", "continue;"),
    (["append"], "list_append_checks.cc", "contradiction |= !fits", "contradiction |= false"),
    (["append"], "list_append_checks.cc", "if (op.value == list[i]) break;", "break;"),
    (["register"], "rw_register.cc", "builder.add(by, reader, kWr)", "(void)builder"),
    (["register"], "rw_register.cc", "builder.add_rw_all(readers, after);", ""),
    (["register"], "rw_register.cc", "builder.add(by, next, kWw)", "(void)builder"),
    (["register"], "rw_register.cc", "if (!op.is_read()) return false;", ""),
    (["register"], "rw_register_checks.cc", "walked[at] != walk ||", "walked[at] == walk ||"),
    (TRANSACTIONS, "order_edges.cc", "complete < asked", "complete < asked + 2"),
    (TRANSACTIONS, "order_edges.cc", "builder.add(moment, closed, kRealtime)", "(void)closed"),
    (TRANSACTIONS, "order_edges.cc", "    before = t;", ""),
    (TRANSACTIONS, "dependency_graph.cc", "return after_rw != 0 ? kNowhere : edge.to * 2 + 1;",
     "return edge.to * 2 + 1;"),
    (TRANSACTIONS, "dependency_graph.cc", "if (at > 0) add(reader, up_to[at - 1], kRw);", ""),
    (TRANSACTIONS, "dependency_graph.cc", "low = std::min(low, low_[node]);", "(void)low;"),
    (TRANSACTIONS, "cycle_search.cc", "&& !explained[in]", ""),
    (TRANSACTIONS, "cycle_search.cc", "after_rw) continue", "false) continue"),
    (TRANSACTIONS, "consistency_model.cc", "{M::consistent_view, M::read_atomic}",
     "{M::read_atomic, M::read_atomic}"),
    (["append"], "history_reader_txn.cc", "if (begins_with(list_, branches[i])) {",
     "if (branches[i].size() <= list_.size()) {"),
    (["workload/register"], "register_check.cc", "if (operation.answered()) events.push_back",
     "if (false) events.push_back"),
    (["workload/register"], "register_check.cc", "state != expected", "false"),
    (["workload/register"], "register_check.cc", "state_ = choice.state_before;", ""),
    (["workload/set"], "set_check.cc", "read.call->invoke > element->second.known",
     "read.call->complete > element->second.known"),
    (["workload/bank"], "bank_check.cc", "if (balance >= 0) continue;", "continue;"),
    (["workload/counter"], "counter_check.cc", "additions.possible[1].before(call->complete)",
     "additions.possible[1].before(call->invoke)"),
    (["workload/monotonic"], "monotonic_check.cc", "later.value <= before", "later.value < before"),
    (["workload/ledger"], "ledger_check.cc",
     "call->outcome == Completion::info && !was_seen.empty()", "false"),
    (["workload/ledger"], "ledger_check.cc", "kept.call->complete < read.call->complete", "false"),
]


def noticed(bug, count):
    for kind in bug[0]:
        try:
            compare.compare(kind, 1, count, collections.Counter())
        except compare.Difference as difference:
            return str(difference).split("\n", maxsplit=1)[0]
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=4000, help="histories of each kind")
    count = parser.parse_args().count
    missed = 0
    for bug in BUGS:
        what = f"{bug[1]}: {' '.join(bug[2].split())[:60]}"
        with tempfile.TemporaryDirectory() as folder:
            program = broken_program.build(f"model/history/{bug[1]}", *bug[2:],
                                           pathlib.Path(folder))
            if program is None:
                verdict = "THE TEXT TO BREAK IS GONE: update this list"
            else:
                compare.PROGRAM = program
                verdict = noticed(bug, count) or "NOT NOTICED"
        missed += verdict.isupper() or "IS GONE" in verdict
        print(f"{what}\n    {verdict}", flush=True)
    print(f"{len(BUGS) - missed} of {len(BUGS)} bugs noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
