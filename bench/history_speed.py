"""Measures the history checker at growing sizes: python3 bench/history_speed.py [MAX_TRANSACTIONS]

For each size it makes a list-append history with `aftersync-check generate`, checks it once it is
in the page cache, and prints a table of file size, elapsed and processor seconds, and peak memory.
Columns are separated by tabs, for plotting. A last part measures histories that are broken.
"""

import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "build" / "release" / "bin" / "aftersync-check"
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)


def generate(path, transactions, *options):
    with open(path, "wb") as file:
        subprocess.run([PROGRAM, "generate", "--transactions", str(transactions), *options],
                       stdout=file, check=True)


def measure(path):
    """(elapsed s, processor s, peak MiB, exit code) of one check."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    # The peak of children is that of the largest, so each check is the child of its own helper.
    helper = ("import resource,subprocess,sys;"
              "r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode;"
              "print(r,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    result = subprocess.run([sys.executable, "-c", helper, PROGRAM, "history", path],
                            capture_output=True, text=True, check=True)
    elapsed = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    code, peak_kib = map(int, result.stdout.split())
    return elapsed, used, peak_kib / 1024, code


def row(folder, name, transactions, *options):
    path = pathlib.Path(folder, "history.jsonl")
    generate(path, transactions, *options)
    path.read_bytes()
    elapsed, used, peak, code = measure(path)
    print(f"{transactions}\t{path.stat().st_size / 1e6:.1f}\t{elapsed:.2f}\t{used:.2f}\t{peak:.0f}"
          f"\t{code}\t{name}", flush=True)


def main():
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    print("transactions\tMB\telapsed_s\tcpu_s\tpeak_MiB\texit\thistory")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            if size <= largest:
                row(folder, "strict-serializable", size)
        for isolation in ("serializable", "snapshot-isolation", "read-committed",
                          "read-uncommitted"):
            row(folder, isolation, largest, "--isolation", isolation)
        row(folder, "registers", largest, "--registers")
        row(folder, "100 clients", largest, "--clients", "100", "--keys", "100")


if __name__ == "__main__":
    main()
