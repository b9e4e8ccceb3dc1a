"""Reads who waits and who holds which lock out of SHOW ENGINE INNODB STATUS.

The server prints, for each transaction, its table locks and each of its record locks with the
record's fields in hexadecimal. It stops after ten locks of one transaction.
"""

import re
from typing import NamedTuple

_TRANSACTION = re.compile(r"^---TRANSACTION .*$", re.MULTILINE)
_THREAD = re.compile(r"^MariaDB thread id (\d+),", re.MULTILINE)
_WAITS = re.compile(r"^LOCK WAIT ", re.MULTILINE)
_TABLE = re.compile(r"TABLE LOCK table `\w+`\.`(\w+)` trx id \d+ lock mode (\S+)")
_RECORD = re.compile(r"RECORD LOCKS space id \d+ page no \d+ n bits \d+ index (\S+) of table "
                     r"`\w+`\.`(\w+)` trx id \d+ lock[_ ]mode (\S+)(.*)")
_FIELD = re.compile(r"^ (\d+): (?:len \d+; hex ([0-9a-f]*);|SQL NULL;)")
# Before the list it prints the lock that is waited for, which the list has again.
_AWAITED = re.compile(r"^-+ TRX HAS BEEN WAITING .*?^-{18}$", re.MULTILINE | re.DOTALL)
_TRUNCATED = "LOCKS PRINTED FOR THIS TRX"
SUPREMUM = None
INT_BYTES = 4


class Lock(NamedTuple):
    table: str
    index: str  # empty: a table lock
    key: object  # a tuple; SUPREMUM
    mode: str
    kind: str
    waiting: bool


class Transaction(NamedTuple):
    thread: int
    waiting: bool
    locks: tuple
    complete: bool  # all locks were printed


def transactions(text, key_lengths):
    """By thread id. `key_lengths`: fields of a key by (table, index)."""
    found = {}
    starts = [match.start() for match in _TRANSACTION.finditer(text)]
    for start, end in zip(starts, starts[1:] + [len(text)]):
        section = text[start:end]
        thread = _THREAD.search(section)
        if thread is None:
            continue  # of the server itself
        found[int(thread[1])] = Transaction(
            int(thread[1]), _WAITS.search(section) is not None,
            tuple(_locks(section, key_lengths)), _TRUNCATED not in section)
    return found


def _locks(section, key_lengths):
    lines = _AWAITED.sub("", section).split("\n")
    for number, line in enumerate(lines):
        if table := _TABLE.match(line):
            yield Lock(table[1], "", None, table[2], "table", False)
        elif record := _RECORD.match(line):
            for key in _keys(lines[number + 1:], key_lengths.get((record[2], record[1]), 0)):
                kind = _kind(record[4])
                if key is SUPREMUM and kind == "gap":
                    kind = "next-key"  # there it is the same
                yield Lock(record[2], record[1], key, record[3], kind,
                           record[4].endswith(" waiting"))


def _kind(words):
    if "insert intention" in words:
        return "insert-intention"
    if "gap before rec" in words:
        return "gap"
    return "record" if "rec but not gap" in words else "next-key"


def _keys(lines, length):
    """The keys of the records that follow, up to the next lock."""
    record = None
    for line in lines:
        if line.startswith("Record lock, heap no "):
            if record is not None:
                yield _key(record, length)
            record = []
        elif field := _FIELD.match(line):
            record.append(field[2])
        elif line.startswith(("RECORD LOCKS", "TABLE LOCK", "---")) or line.startswith("-" * 6):
            break
    if record is not None:
        yield _key(record, length)


def _key(fields, length):
    if fields == ["supremum".encode().hex()]:
        return SUPREMUM
    return tuple(_value(field) for field in fields[:length])


def _value(field):
    """Four bytes are an INT as InnoDB stores it: big-endian, the sign turned over. Else a text."""
    if field is None:
        return None
    if len(field) != 2 * INT_BYTES:
        return bytes.fromhex(field).decode("ascii")
    return int(field, 16) - (1 << (len(field) * 4 - 1))
