"""One name, one type: within a namespace no two headers define a class of the same name.

Neither compiler nor linker must notice when a program has two (C++20, [basic.def.odr]): templates
over them become one, and whoever reads the name guesses which is meant. The two platforms define
the same opaque states on purpose; a program links one of them.
"""

import re

from proptests.tidy.source import Finding

PLATFORMS = ("core/platform/posix/", "faults/sim/")

_NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
_TYPE = re.compile(
    r"^(?:class|struct|union|enum(?: class| struct)?) (?:\[\[[^\]]*\]\] )?([A-Z]\w*)[^;{()=]*\{",
    re.MULTILINE,
)


def check(tree):
    findings = []
    first = {}
    for file in sorted(tree.cpp("core", "model", "faults", "bench"), key=lambda file: file.path):
        if file.suffix != ".h":
            continue
        for namespace, name, line in definitions(file.code):
            known = first.setdefault((namespace, name), file.path)
            if known != file.path and not _on_two_platforms(known, file.path):
                text = f"{namespace}::{name} is also defined in {known}"
                findings.append(Finding(file.path, line, text))
    return findings


def definitions(code):
    """(namespace, name, line) of each type defined at the left margin."""
    spaces = [(match.start(), match[1]) for match in _NAMESPACE.finditer(code)]
    for match in _TYPE.finditer(code):
        inside = [name for start, name in spaces if start < match.start()]
        if inside:
            yield inside[-1], match[1], code.count("\n", 0, match.start()) + 1


def _on_two_platforms(a, b):
    return {next((p for p in PLATFORMS if path.startswith(p)), path) for path in (a, b)} == set(
        PLATFORMS
    )
