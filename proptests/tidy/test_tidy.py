"""The repository keeps its own rules. Each rule is seen to fail in test_rules.py."""

import pytest

from proptests.tidy import arrows, layout, one_definition, order, os_calls, ratchet
from proptests.tidy.source import Tree

RULES = (arrows, os_calls, layout, one_definition, order, ratchet)


@pytest.fixture(scope="module")
def repository():
    return Tree.of_repository()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.rpartition(".")[2])
def test_repository(repository, rule):
    findings = rule.check(repository)
    if findings:
        pytest.fail("\n".join(str(finding) for finding in findings), pytrace=False)


def test_repository_is_read(repository):
    """A rule that sees no files would never fail."""
    assert len(repository.cpp("core")) > 20
    assert "core/base/status.h" in repository.files
    assert "CMakeLists.txt" in repository.files
