"""Breaks the model of transactions and locks on purpose, one rule at a time, and expects the golden
scripts to notice.

    python3 -m proptests.isolation.break_model [WORD]...

With words, only the bugs whose description has one of them. Each bug is compiled into a program of
its own. One that no script betrays is a rule that no script states, and fails this program. It
takes some minutes, so it is run by hand when rules or scripts change.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

from proptests.check import broken_program

SCRIPTS = sorted((pathlib.Path(__file__).parent / "scripts").rglob("*.txt"))

# (what is wrong, file of model/txn, text, what stands there instead)
BUGS = [
    ("shared and exclusive locks are compatible", "lock_mode.cc",
     "{true, false, true, false},   // S", "{true, false, true, true},"),
    ("an exclusive lock does not cover a shared one", "lock_mode.cc",
     "held == wanted || held == Mode::exclusive", "held == wanted"),
    ("an insert intention waits for nothing", "lock_mode.cc",
     "return other.kind != Kind::record;", "return false;"),
    ("gap locks wait for each other", "lock_mode.cc",
     "if (supremum || request.kind == Kind::gap) return false;", ""),
    ("a new record does not inherit the locks on its gap", "lock_table.cc",
     "inherit(from, record, true);", "(void)record;"),
    ("the locks of a removed record are lost", "lock_table.cc",
     "inherit(from, successor, false);", "(void)successor;"),
    ("below REPEATABLE READ a removed record's exclusive locks are inherited", "lock_table.cc",
     "if (!only_gaps && !lock.owner->locks_gaps() && lock.shape.mode == Mode::exclusive) continue;",
     ""),
    ("who waits is overtaken", "lock_table.cc",
     "return lock.owner != &owner && must_wait(shape, lock.shape, !record.key);",
     "return !lock.waiting && lock.owner != &owner && "
     "must_wait(shape, lock.shape, !record.key);"),
    ("of those who wait, all are granted when the holder goes", "lock_table.cc",
     "return before.owner != lock.owner && must_wait",
     "return !before.waiting && before.owner != lock.owner && must_wait"),
    ("a transaction's locks go in the order in which they were taken", "lock_table.cc",
     "for (auto at = mine.rbegin(); at != mine.rend(); ++at) {",
     "for (auto at = mine.begin(); at != mine.end(); ++at) {"),
    ("who has the record is given a next-key lock besides", "lock_table.cc",
     "if (shape.kind == Kind::next_key && !supremum &&", "if (false &&"),
    ("an inserted row is not locked implicitly", "record_lock.cc",
     "if (holder != nullptr && holder != &owner) database.locks.make_explicit(*holder, record);",
     ""),
    ("snapshot isolation does not look whether the row has changed", "record_lock.cc",
     'return Status(Code::conflict, "record changed since the snapshot");', ""),
    ("the duplicate check of a primary key locks nothing", "change.cc",
     "const Result<Grant> shared = lock_to_read(target.database, target.owner, target.table, "
     "{kClustered, key, {Mode::shared, Kind::record}}, true);",
     "const Result<Grant> shared = Grant::held;"),
    ("the duplicate check of a unique key locks nothing", "change.cc",
     "lock_to_read(target.database, target.owner, target.table, "
     "{target.index, at, {Mode::shared, Kind::next_key}}, true)",
     "Result<Grant>(Grant::held)"),
    ("the duplicate check of a unique key locks records without their gaps", "change.cc",
     "{target.index, at, {Mode::shared, Kind::next_key}}",
     "{target.index, at, {Mode::shared, Kind::record}}"),
    ("NULLs are duplicates of each other", "change.cc",
     "if (std::holds_alternative<Null>(value)) return false;", ""),
    ("an entry is marked without asking who has it locked", "change.cc",
     "CO_RETURN_IF_ERROR(change_lock(target, key)); put_entry(target, key, true);",
     "put_entry(target, key, true);"),
    ("an update inserts into indexes whose columns have not changed", "change.cc",
     "if (table.key_of(index, old_row) == table.key_of(index, new_row)) continue;", ""),
    ("a rolled back insert leaves its entries in secondary indexes", "undo.cc",
     "table.remove(*change.secondary, change.key, database.locks);",
     "table.entry(*change.secondary, change.key)->delete_marked = true;"),
    ("purge takes what a view needs", "undo.cc",
     "if (transaction->view) oldest = std::min(oldest, *transaction->view);", ""),
    ("the victim is the one with the most to undo", "deadlock.cc",
     "return weight(*a, rules) < weight(*b, rules);",
     "return weight(*a, rules) > weight(*b, rules);"),
    ("under MariaDB's rules lock structures weigh nothing", "deadlock.cc",
     "(rules.victim_weight_counts_locks ? transaction.lock_structures : 0)", "0"),
    ("under MariaDB's rules all edges are followed", "deadlock.cc",
     "if (rules.follows_first_blocker_only && found.size() > 1) found.resize(1);", ""),
    ("under MariaDB's rules a single row is released", "execute.cc",
     "database_.rules.unlocks_single_row || !scan.unique_search()", "true"),
    ("under MariaDB's rules a record that is resized weighs nothing", "lock_table.cc",
     "if (lock.waiting) lock.owner->lock_structures += 2;", "(void)lock;"),
    ("under MariaDB's rules entries of own rows are locked", "record_lock.cc",
     "row_holds_entry(database, owner, table, wanted.index, *wanted.key)", "false"),
    ("under MariaDB's rules the first savepoint is like any other", "execute.cc",
     "database_.rules.first_savepoint_restarts && savepoint.before_start", "false"),
    ("who asked first is not the requester of a late deadlock", "interpreter.cc",
     "if (std::exchange(known, blockers.front()->id) == blockers.front()->id) continue;",
     "known = 0;"),
    ("a lock wait timeout rolls the transaction back", "interpreter.cc",
     "status.code() == Code::conflict)", "status.code() != Code::duplicate_key)"),
    ("a duplicate rolls the transaction back", "interpreter.cc",
     "status.code() == Code::conflict)", "status.code() != Code::lock_wait_timeout)"),
    ("a conflict rolls the statement alone back", "interpreter.cc",
     "status.code() == Code::deadlock || status.code() == Code::conflict",
     "status.code() == Code::deadlock"),
    ("SERIALIZABLE opens no view under snapshot isolation", "interpreter.cc",
     "transaction.isolation == Isolation::serializable && transaction.snapshot_isolation", "false"),
    ("WITH CONSISTENT SNAPSHOT opens its view later", "execute.cc",
     "session.transaction->view = database_.commits.last();", ""),
    ("every read at REPEATABLE READ has a view of its own", "consistent_read.cc",
     "if (keeps_view) reader.view = view;", ""),
    ("a transaction does not see its own changes", "consistent_read.cc",
     "version->writer == reader.id ||", ""),
    ("READ UNCOMMITTED reads committed versions", "consistent_read.cc",
     "if (reader.isolation == Isolation::read_uncommitted) return &versions.back();", ""),
    ("plain reads at SERIALIZABLE do not lock", "execute.cc",
     "!session.autocommit && owner.isolation == Isolation::serializable", "false"),
    ("plain autocommit reads at SERIALIZABLE lock", "execute.cc",
     "!session.autocommit && owner.isolation == Isolation::serializable",
     "owner.isolation == Isolation::serializable"),
    ("an update meets the entries that it inserts", "execute.cc",
     "const bool collect = changes_key(table, access.index, update);",
     "const bool collect = false;"),
    ("no read is semi-consistent", "execute.cc", "options.semi_consistent = true;", ""),
    ("rolling back to a savepoint undoes everything", "execute.cc",
     "roll_back(database_, *transaction, savepoint.changes);",
     "roll_back(database_, *transaction, 0);"),
    ("the supremum is not locked", "scan.cc",
     "if (ascending()) lock_gap(std::nullopt, Kind::next_key);", ""),
    ("an equality does not lock the gap behind it", "scan.cc",
     "lock_gap(key, Kind::gap); return Visit::end;", "return Visit::end;"),
    ("a descending scan does not lock the gap above", "scan.cc",
     "lock_gap(table_.first(options_.index, range_.high, !range_.high_inclusive), Kind::gap);", ""),
    ("below REPEATABLE READ gaps are locked", "scan.cc",
     "if (!owner_.locks_gaps()) return Kind::record;", ""),
    ("a unique search that finds its row locks the gap", "scan.cc",
     "return is_first_wanted ? Kind::record : Kind::next_key;", "return Kind::next_key;"),
    ("a search by a unique secondary key that finds its row locks the gap", "scan.cc",
     "hit && !database_.rules.unique_secondary_hit_locks_gap", "false"),
    ("below REPEATABLE READ the locks of rows that do not match are kept", "scan.cc",
     "if (owner_.locks_gaps() || semi_) return;", "return;"),
    ("at REPEATABLE READ the locks of rows that do not match are released", "scan.cc",
     "if (owner_.locks_gaps() || semi_) return;", "if (semi_) return;"),
    ("a covered shared read locks the clustered record", "scan.cc",
     "options_.mode == Mode::exclusive || !table_.covering(options_.index)", "true"),
    ("the clustered record behind a secondary entry is not locked", "scan.cc",
     "options_.mode == Mode::exclusive || !table_.covering(options_.index)", "false"),
    ("SKIP LOCKED waits", "scan.cc", "blocked_ = Visit::pass;", ""),
    ("NOWAIT waits", "scan.cc", 'failure_ = Status(Code::lock_wait_timeout, "nowait"); '
     "blocked_ = Visit::failed;", ""),
]


def verdict_of(bug, folder):
    _, source, text, instead = bug
    program = broken_program.build(f"model/txn/{source}", text, instead, folder)
    if program is None:
        return False, "THE TEXT TO BREAK IS GONE: update this list"
    done = subprocess.run([program, "locks", *SCRIPTS], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return False, "NOT NOTICED"
    where = done.stdout.split(": ", maxsplit=1)[0] if done.returncode == 1 else done.stderr.strip()
    return True, where.rsplit("scripts/", maxsplit=1)[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    words = parser.parse_args().words
    bugs = [bug for bug in BUGS if not words or any(word in bug[0] for word in words)]
    noticed = 0
    for bug in bugs:
        with tempfile.TemporaryDirectory() as folder:
            found, verdict = verdict_of(bug, pathlib.Path(folder))
        noticed += found
        print(f"{bug[0]}\n    {verdict}", flush=True)
    print(f"{noticed} of {len(bugs)} bugs noticed")
    return 0 if noticed == len(bugs) else 1


if __name__ == "__main__":
    sys.exit(main())
