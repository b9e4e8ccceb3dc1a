"""Finds functions and their lengths in C++ and Python.

The C++ finder follows braces. At namespace and class level an opening brace belongs to a namespace
or type (look inside), to a function (its head has parentheses; measure it) or to an initialiser
(skip it). A function runs from the first line of its head to its closing brace.
"""

import ast
import re
from typing import NamedTuple


_ACCESS = ("public", "private", "protected")


class Function(NamedTuple):
    name: str
    line: int
    length: int  # lines, signature and closing brace included


class Unbalanced(Exception):
    """The braces of a file do not match; the text is the line number."""


def functions_of(file):
    """Functions of a SourceFile; none for other languages than C++ and Python."""
    if file.is_cpp:
        return cpp_functions(file.code)
    if file.suffix == ".py":
        return python_functions(file.text)
    return []


def python_functions(text):
    return [
        Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def cpp_functions(code):
    """`code` is C++ without comments, literals and directives, as SourceFile.code."""
    found = []
    _scan_scope(code, 0, found, depth=0)
    return found


def _scan_scope(code, start, found, depth):
    """Scans the inside of a namespace or type; returns the offset after its closing brace."""
    head_start = at = start
    parentheses = 0
    while at < len(code):
        character = code[at]
        if character in "()":
            parentheses += 1 if character == "(" else -1
        elif character == ";" and parentheses == 0:
            head_start = at + 1
        elif character == ":" and code[head_start:at].strip() in _ACCESS:
            head_start = at + 1
        elif character == "}":
            if depth == 0:
                raise Unbalanced(code.count("\n", 0, at) + 1)
            return at + 1
        elif character == "{":
            at = _enter(code, head_start, at, found, depth, parentheses)
            if not _head_goes_on(code, at) and parentheses == 0:
                head_start = at
            continue
        at += 1
    if depth != 0:
        raise Unbalanced(code.count("\n", 0, start) + 1)
    return at


def _enter(code, head_start, brace, found, depth, parentheses):
    """Handles one opening brace; returns the offset after the brace that closes it."""
    head = code[head_start:brace]
    if parentheses == 0 and _opens_scope(head):
        return _scan_scope(code, brace + 1, found, depth + 1)
    end = _after_matching_brace(code, brace)
    if parentheses == 0 and _is_function_head(head) and not _head_goes_on(code, end):
        first = head_start + len(head) - len(head.lstrip())
        line = code.count("\n", 0, first) + 1
        found.append(Function(_name_of(head), line, code.count("\n", first, end) + 1))
    return end


def _head_goes_on(code, at):
    """After `a_{1}` of a constructor's initialisers, or a braced default argument."""
    rest = code[at : at + 400].lstrip()
    return rest[:1] in (",", "{", ")", ";")


def _after_matching_brace(code, brace):
    level = 0
    for match in re.compile(r"[{}]").finditer(code, brace):
        level += 1 if match[0] == "{" else -1
        if level == 0:
            return match.end()
    raise Unbalanced(code.count("\n", 0, brace) + 1)


def _without_decoration(head):
    """The head without template<...>, attributes and alignas."""
    head = re.sub(r"\[\[.*?\]\]", " ", head, flags=re.DOTALL)
    head = re.sub(r"\balignas\s*\([^()]*\)", " ", head)
    head = head.strip()
    while match := re.match(r"template\s*<", head):
        head = _after_angle(head, match.end() - 1).strip()
    return head


def _after_angle(text, at):
    level = 0
    for offset in range(at, len(text)):
        if text[offset] == "<":
            level += 1
        elif text[offset] == ">" and text[offset - 1] != "-":
            level -= 1
            if level == 0:
                return text[offset + 1 :]
    return text[at + 1 :]


def _opens_scope(head):
    head = _without_decoration(head)
    if re.match(r'(inline\s+)?namespace\b|extern\s*"', head):
        return True
    return bool(re.match(r"(typedef\s+)?(class|struct|union|enum)\b[^()=]*(:[^:].*)?$", head, re.S))


def _is_function_head(head):
    head = _without_decoration(head)
    return "(" in head and not re.match(r"[^()]*=\s*$", head)


def _name_of(head):
    head = " ".join(_without_decoration(head).split())
    test = re.match(r"(?:(?:TYPED_)?TEST(?:_[FP])?|RC_GTEST_\w+)\s*\(([^,)]*),([^,)]*)", head)
    if test:
        return f"{test[1].strip()}.{test[2].strip()}"
    operator = re.search(r"([\w:]*\boperator\s*(?:\(\)|\[\]|[^\s(]+))\s*\(", head)
    if operator:
        return operator[1].replace(" ", "")
    plain = re.search(r"([\w:~]+)\s*(?:<[^()]*>)?\s*\(", head)
    if plain:
        return plain[1]
    return head[:40]
