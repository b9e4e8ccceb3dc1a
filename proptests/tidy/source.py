"""The source tree as the tidy rules see it.

A rule reads a Tree and returns Findings. It never reads the disk itself, so that each rule can be
shown a bad snippet in memory and be seen to flag it.

C++ is not parsed. `code` is the text with comments, preprocessor lines and the contents of string
and character literals blanked, every character in its place: rules written as regular expressions
then match code only, and line numbers stay true.
"""

import functools
import os
import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]

ROOMS = ("core", "model", "faults", "proptests", "bench", "jepsen", "papers", "cmake", ".ci")
CPP_SUFFIXES = (".h", ".cc", ".def")
TEXT_SUFFIXES = CPP_SUFFIXES + (
    ".pml", ".yy", ".ll", ".py", ".md", ".txt", ".cmake", ".toml", ".json", ".ini", ""
)
SKIPPED_FOLDERS = {"__pycache__", ".pytest_cache"}


class Finding(NamedTuple):
    """One violation; `str()` of it is what a person reads."""

    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class SourceFile:
    """One file: its path from the top of the repository, and its text."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.suffix = pathlib.PurePosixPath(path).suffix
        self.is_cpp = self.suffix in CPP_SUFFIXES

    @functools.cached_property
    def lines(self):
        return self.text.split("\n")

    @functools.cached_property
    def code(self):
        return blank_preprocessor(blank_comments_and_literals(self.text))

    @functools.cached_property
    def includes(self):
        """(line, included path, whether in quotes) of each #include."""
        found = []
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
            if match:
                found.append((number, match[1] or match[2], match[1] is not None))
        return found

    def line_at(self, offset):
        return self.text.count("\n", 0, offset) + 1


class Tree:
    """All files that the rules look at, by path."""

    def __init__(self, texts):
        self.files = {path: SourceFile(path, text) for path, text in sorted(texts.items())}

    @classmethod
    def of_repository(cls, root=ROOT):
        texts = {}
        for path in sorted(_paths(root)):
            content = path.read_bytes()
            if b"\0" not in content:
                texts[path.relative_to(root).as_posix()] = content.decode("utf-8")
        return cls(texts)

    def cpp(self, *rooms):
        """C++ files, all or those of some top-level folders."""
        return [
            file
            for file in self.files.values()
            if file.is_cpp and (not rooms or file.path.split("/")[0] in rooms)
        ]


def _paths(root):
    for entry in root.iterdir():
        if entry.is_file() and _is_text(entry) and entry.name not in (".git", "LICENSE"):
            yield entry
    for room in ROOMS:
        for folder, subfolders, names in os.walk(root / room):
            subfolders[:] = [name for name in subfolders if name not in SKIPPED_FOLDERS]
            for name in names:
                path = pathlib.Path(folder, name)
                if _is_text(path):
                    yield path


def _is_text(path):
    return path.suffix in TEXT_SUFFIXES


_COMMENT_OR_LITERAL = re.compile(
    r"""
    (?P<line_comment>//[^\n]*)
  | (?P<block_comment>/\*.*?\*/)
  | (?P<raw>(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<number>\b\d[\w.']*)
  | (?P<character>'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)


def _spaces(text):
    return re.sub(r"[^\n]", " ", text)


def blank_comments_and_literals(text):
    """Comments become blanks; literals keep their quotes, so that they still separate words."""

    def blank(match):
        found = match[0]
        if match["number"]:
            return found
        if match["raw"] or match["string"] or match["character"]:
            return found[0] + _spaces(found[1:-1]) + found[-1]
        return _spaces(found)

    return _COMMENT_OR_LITERAL.sub(blank, text)


def blank_preprocessor(code):
    """Directives become blanks, with their continuation lines."""
    return re.sub(
        r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: _spaces(match[0]), code, flags=re.MULTILINE
    )
