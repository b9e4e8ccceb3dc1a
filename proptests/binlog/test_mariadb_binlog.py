"""MariaDB's own tool reads our binlogs: every row, every checksum, every position."""

import random

import pytest

from proptests.cli.programs import BINARIES, run_program

FILES = 12


def sample(path, seed):
    done = run_program(BINARIES / "binlog-sample", path, seed)
    assert done.status == 0, done.err
    return done.out.splitlines()


def mariadb_binlog(path):
    return run_program(
        "mariadb-binlog", "-v", "--verify-binlog-checksum", "--base64-output=decode-rows", path)


@pytest.mark.parametrize("seed", [random.SystemRandom().randrange(2**32) for _ in range(FILES)])
def test_every_row_is_read_as_it_was_written(tmp_path, seed):
    path = tmp_path / "sample.binlog"
    expected = sample(path, seed)
    done = mariadb_binlog(path)
    assert done.status == 0, done.err
    assert [line for line in done.out.splitlines() if line.startswith("###")] == expected, \
        f"seed {seed}"
    assert f"end_log_pos {path.stat().st_size} " in done.out


def test_the_tool_does_notice_a_wrong_checksum(tmp_path):
    path = tmp_path / "sample.binlog"
    sample(path, 1)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    assert mariadb_binlog(path).status != 0
