"""The example of embedding the engine: what it shows is what it says, and a second run goes on."""

from proptests.cli.programs import BINARIES, run_program

FIRST = """transfer of 3000: ok
transfer of 9000: invalid_argument: not enough money
in order of PRIMARY, backwards:
  2 Grace 8000
  1 Ada 7000
in order of by_owner, backwards:
  2 Grace 8000
  1 Ada 7000
"""
SECOND = FIRST.replace("8000", "11000").replace("7000", "4000")


def run(*arguments):
    return run_program(BINARIES / "embedded-example", *arguments)


def test_two_runs(tmp_path):
    for expected in (FIRST, SECOND):
        done = run(tmp_path / "data")
        assert done.status == 0, done.err
        assert done.out == expected


def test_usage():
    assert run().status == 2
