"""Length of functions and files, as a ratchet that only turns one way.

Functions of more than 70 lines and files of more than 800 are listed in ratchet.txt with what they
measure today. A new one fails. One that has grown fails. One that has shrunk fails too, until its
entry is lowered or removed, so that the ground gained is kept.
"""

from proptests.tidy import functions
from proptests.tidy.source import Finding

LIST = "proptests/tidy/ratchet.txt"
FUNCTION_LIMIT = 70
FILE_LIMIT = 800
FUNCTION_SUFFIXES = (".h", ".cc", ".py")


def check(tree):
    findings = []
    try:
        allowed = read_list(tree.files[LIST].text if LIST in tree.files else "")
    except ValueError as error:
        return [Finding(LIST, 1, str(error))]
    measured = {}
    for file in tree.files.values():
        if file.suffix in FUNCTION_SUFFIXES:
            try:
                measured |= measure(file)
            except functions.Unbalanced as error:
                findings.append(Finding(file.path, int(str(error)), "braces do not match"))
    for entry, (line, length) in sorted(measured.items()):
        findings += _too_long(entry, line, length, allowed)
    for entry, limit in sorted(allowed.items()):
        findings += _entry_too_large(entry, limit, measured)
    return findings


def measure(file):
    """{(path, function name or ''): (line, length)}; overloads count as their longest."""
    found = {(file.path, ""): (1, len(file.lines) - 1)}
    for function in functions.functions_of(file):
        entry = (file.path, function.name)
        if function.length > found.get(entry, (0, 0))[1]:
            found[entry] = (function.line, function.length)
    return found


def read_list(text):
    """Lines `LENGTH PATH [FUNCTION]`; # starts a comment."""
    allowed = {}
    for line in text.split("\n"):
        words = line.split("#")[0].split(maxsplit=2)
        if words:
            if len(words) < 2 or not words[0].isdigit():
                raise ValueError(f"not 'LENGTH PATH [FUNCTION]': {line}")
            allowed[(words[1], words[2].strip() if len(words) > 2 else "")] = int(words[0])
    return allowed


def _limit(entry):
    return FUNCTION_LIMIT if entry[1] else FILE_LIMIT


def _name(entry):
    return f"function {entry[1]}" if entry[1] else "file"


def _too_long(entry, line, length, allowed):
    limit = max(_limit(entry), allowed.get(entry, 0))
    if length > limit:
        yield Finding(entry[0], line, f"{_name(entry)} has {length} lines; the limit is {limit}")


def _entry_too_large(entry, limit, measured):
    _, length = measured.get(entry, (1, 0))
    if length <= _limit(entry):
        yield Finding(LIST, 1, f"remove the entry of {' '.join(entry)}: it has {length} lines")
    elif length < limit:
        yield Finding(LIST, 1, f"lower the entry of {' '.join(entry)} from {limit} to {length}")
