"""Recorded histories are those that aftersync-check reads, also when a run was cut short."""

import threading

from jepsen import checker, history


def record(path):
    recorder = history.Recorder(path)
    recorder.note("kill/begin", ["n1"])
    for process in range(3):
        recorder.invoke(process, "txn", [["append", 1, process + 1]], node="n1")
        recorder.complete(process, "ok", "txn", [["append", 1, process + 1]], node="n1")
    recorder.invoke(3, "txn", [["append", 1, 9]])
    recorder.complete(3, "fail", "txn", [["append", 1, 9]], error="1213: Deadlock")
    recorder.invoke(4, "txn", [["append", 1, 4]])
    recorder.complete(4, "info", "txn", [["append", 1, 4]], error="2013: Lost")
    return recorder


def test_a_history_is_accepted(tmp_path):
    recorder = record(tmp_path / "h")
    recorder.invoke(5, "txn", [["r", 1, None]])
    recorder.complete(5, "ok", "txn", [["r", 1, [1, 2, 3, 4]]])
    recorder.close()
    report = checker.check(tmp_path / "h", "strict-serializable")
    assert report["exit"] == checker.HOLDS
    assert report["transactions"] >= 5
    assert recorder.counts == {"ok": 4, "fail": 1, "info": 1}


def test_a_violation_is_found(tmp_path):
    recorder = record(tmp_path / "h")
    recorder.invoke(5, "txn", [["r", 1, None]])
    recorder.complete(5, "ok", "txn", [["r", 1, [1, 2, 9]]])
    recorder.close()
    report = checker.check(tmp_path / "h", "read-committed")
    assert report["exit"] == checker.VIOLATED
    assert report["violated_by"] == ["G1a"]


def test_a_history_without_its_end_is_checkable(tmp_path):
    recorder = record(tmp_path / "h")
    recorder.invoke(6, "txn", [["append", 1, 5]])
    recorder.close()
    recorder.complete(6, "ok", "txn", [["append", 1, 5]])  # too late: the run is over
    assert checker.check(tmp_path / "h", "serializable")["exit"] == checker.HOLDS
    assert history.read(tmp_path / "h")[-1]["type"] == "invoke"


def test_many_threads(tmp_path):
    recorder = history.Recorder(tmp_path / "h")

    def client(process):
        for number in range(200):
            recorder.invoke(process, "set/add", process * 1000 + number)
            recorder.complete(process, "ok", "set/add", process * 1000 + number)

    threads = [threading.Thread(target=client, args=(process,)) for process in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    lines = history.read(tmp_path / "h")
    assert [line["index"] for line in lines] == list(range(3200))
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    checker.check(tmp_path / "h", "serializable")
