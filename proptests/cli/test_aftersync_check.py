"""aftersync-check tablespace: exit codes, and that which files are meant is understood."""

import pytest

from proptests.cli.programs import BINARIES, run_program


def check(*arguments):
    return run_program(BINARIES / "aftersync-check", "tablespace", *arguments)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    directory = tmp_path_factory.mktemp("store") / "data"
    assert run_program(BINARIES / "embedded-example", directory).status == 0
    return directory


def test_a_sound_store(store):
    done = check(store)
    assert done.status == 0, done.out
    assert done.out.startswith("3 files, ") and done.out.endswith(", 0 findings\n")


def test_a_table_alone(store):
    done = check(store / "tables" / "16.ibd")
    assert done.status == 0, done.out
    assert done.out.startswith("1 file, ")


def test_damage(store, tmp_path):
    copy = tmp_path / "16.ibd"
    content = bytearray((store / "tables" / "16.ibd").read_bytes())
    content[3 * 16384 + 100] ^= 1
    copy.write_bytes(content)
    done = check(copy)
    assert done.status == 1
    assert "tables/16.ibd page 3: checksum: expected 0x" in done.out
    assert copy.read_bytes() == content


def test_bad_usage(tmp_path):
    assert check().status == 2
    assert check(tmp_path / "nothing.ibd").status == 2
    empty = check(tmp_path)
    assert empty.status == 2
    assert "no tablespace files there" in empty.err
