"""Order that comes from addresses or hashing, and so differs from run to run.

Iterating over an unordered container, or over one sorted by pointers, gives an order that no seed
decides. Where the order provably reaches nothing (a sum, a count), say so on the line or the one
before it: `// order-free: REASON`.
"""

import re

from proptests.tidy.source import Finding

_UNORDERED = r"\b(?:std|boost)::unordered_(?:flat_|node_)?(?:multi)?(?:map|set)\b"
_POINTER_KEY = re.compile(
    r"\bstd::(?:multi)?(?:map|set)\s*<\s*"
    r"(?:[\w:\s]+(?:<[^<>]*>)?\s*\*|(?:const\s+)?std::(?:unique|shared)_ptr\s*<)"
    r"|\bstd::less\s*<[^<>]*\*\s*>"
)
_RANGE_FOR = re.compile(r"\bfor\s*\(([^;{}]*?[^:]):(?!:)([^;{}]*?)\)\s*(?:\{|[\w*+(])")
_BEGIN = re.compile(
    r"\b(\w+)\s*(?:\(\s*\))?\s*(?:\.|->)\s*c?begin\s*\(|\bstd::c?begin\s*\(\s*(\w+)"
)
_SUPPRESSION = re.compile(r"//\s*order-free:\s*\S")


def check(tree):
    findings = []
    for file in tree.cpp("core", "model", "faults"):
        names = _names_in_reach(tree, file)
        findings += _iterations(file, names)
        for match in _POINTER_KEY.finditer(file.code):
            findings += _unless_suppressed(file, match.start(), "a container sorted by pointers")
    return findings


def _iterations(file, names):
    for match in _RANGE_FOR.finditer(file.code):
        last_word = re.search(r"(\w+)\s*(?:\(\s*\))?\s*\)*\s*$", match[2])
        if (last_word and last_word[1] in names) or re.search(_UNORDERED, match[2]):
            yield from _unless_suppressed(
                file, match.start(), f"iteration over the unordered {match[2].strip()}"
            )
    for match in _BEGIN.finditer(file.code):
        name = match[1] or match[2]
        if name in names:
            yield from _unless_suppressed(
                file, match.start(), f"iteration over the unordered {name}"
            )


def _unless_suppressed(file, offset, text):
    line = file.line_at(offset)
    around = file.lines[max(0, line - 2) : line]
    if not any(_SUPPRESSION.search(one) for one in around):
        yield Finding(file.path, line, text)


def _names_in_reach(tree, file):
    """Names with an unordered type in this file and in the headers it includes itself."""
    names = set()
    for path in [file.path] + [path for _, path, quoted in file.includes if quoted]:
        if path in tree.files:
            names |= unordered_names(tree.files[path].code)
    return names


def unordered_names(code):
    """Variables, members, parameters and functions declared with an unordered type or an alias."""
    aliases = re.findall(rf"\busing\s+(\w+)\s*=\s*(?:const\s+)?{_UNORDERED}", code)
    types = _UNORDERED + "".join(rf"|\b{alias}\b" for alias in aliases)
    names = set()
    for match in re.finditer(types, code):
        after = _skip_angles(code, match.end())
        name = re.match(r"[\s&*]*(?:const\b[\s&*]*)?(\w+)", code[after : after + 200])
        if name:
            names.add(name[1])
    return names


def _skip_angles(code, at):
    level = 0
    for match in re.compile(r"\s*[<>]|[^<>]").finditer(code, at):
        token = match[0].strip()
        if token == "<":
            level += 1
        elif token == ">":
            level -= 1
        if level == 0:
            return match.end() if token == ">" else at
    return at
