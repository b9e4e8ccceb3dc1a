"""Layout of text: line length, blanks, opening comments, and paths of somebody's machine."""

import pathlib
import re

from proptests.tidy.source import ROOT, Finding

LINE_LIMIT = 100
FREE_OF_LINE_LIMIT = (".md", ".txt", ".json")  # tables and data
OPENING_COMMENT_MIN_CHARS = 20

# First components of absolute paths that mean the same on every machine.
COMMON_FOLDERS = frozenset("bin dev etc lib opt proc run src sys tmp usr var".split())
HOMES = ("/home/", "/root/", "/Users/")
PRIVATE_HOST = re.compile(r"""
    https?://(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[\w.-]+\.(?:internal|corp|lan)\b)
""", re.VERBOSE)


def check(tree):
    findings = []
    machine_path = machine_path_pattern(ROOT)
    for file in tree.files.values():
        findings += _lines(file)
        findings += _opening(file)
        findings += _machine(file, machine_path)
    return findings


def machine_path_pattern(root):
    """Absolute paths that only exist where this checkout stands, and anybody's home folder."""
    starts = set(HOMES)
    first = pathlib.PurePath(root).parts[1:2]
    if first and first[0] not in COMMON_FOLDERS:
        starts.add(f"/{first[0]}/")
    joined = "|".join(re.escape(start) for start in sorted(starts))
    return re.compile(rf"(?<![\w.}}/~-])(?:{joined})\w")


def _lines(file):
    for number, line in enumerate(file.lines, 1):
        if len(line) > LINE_LIMIT and file.suffix not in FREE_OF_LINE_LIMIT:
            yield Finding(file.path, number, f"{len(line)} columns; the limit is {LINE_LIMIT}")
        if "\t" in line:
            yield Finding(file.path, number, "tab")
        if line != line.rstrip():
            yield Finding(file.path, number, "blanks at the end of the line")
    if file.text and (not file.text.endswith("\n") or file.text.endswith("\n\n")):
        yield Finding(file.path, len(file.lines), "a file ends with exactly one newline")


def _opening(file):
    if not file.is_cpp:
        return
    if not file.lines[0].startswith("// ") or len(file.lines[0]) < OPENING_COMMENT_MIN_CHARS:
        yield Finding(file.path, 1, "a file opens with a comment that says what it is")
    if file.suffix == ".h" and not re.search(r"^#pragma once$", file.text, re.MULTILINE):
        yield Finding(file.path, 1, "a header has #pragma once")


def _machine(file, machine_path):
    if file.path.startswith("proptests/tidy/"):
        return  # the rules and their bad examples name what they look for
    for number, line in enumerate(file.lines, 1):
        if machine_path.search(line):
            yield Finding(file.path, number, "a path of one machine")
        if PRIVATE_HOST.search(line):
            yield Finding(file.path, number, "a host of a private network")
