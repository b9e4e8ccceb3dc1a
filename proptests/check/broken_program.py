"""Builds aftersync-check with one line of the model changed, for programs that ask whether a check
would notice."""

import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
FLAGS = ["-std=c++20", "-O1", f"-I{ROOT}", "-DAFTERSYNC_FAULTS=0"]


def build(source, text, instead, folder):
    """The program, linked into `folder`, whose `source` (below the root) has `instead` for `text`;
    or None when the text is not there exactly once. Blanks and line ends count as one blank."""
    written = (ROOT / source).read_text(encoding="utf-8")
    if " ".join(written.split()).count(" ".join(text.split())) != 1:
        return None
    pattern = r"\s+".join(map(re.escape, text.split()))
    broken = folder / pathlib.Path(source).name
    broken.write_text(re.sub(pattern, lambda _: instead, written, count=1), encoding="utf-8")
    archive = folder / "model.a"
    shutil.copy(BUILD / "lib" / "libaftersync_model.a", archive)
    subprocess.run(["ar", "d", archive, f"{broken.name}.o"], check=True)
    program = folder / "aftersync-check"
    objects = [_main_object(main) for main in sorted((ROOT / "proptests" / "check").glob("*.cc"))
               if not main.name.endswith("_test.cc")]
    subprocess.run(["g++", *FLAGS, broken, *objects, archive, "-Wl,--start-group",
                    *sorted((BUILD / "lib").glob("libaftersync*.a")), "-Wl,--end-group",
                    "-lfiu", "-lpthread", "-o", program], check=True)
    return program


def _main_object(main):
    found = sorted(BUILD.glob(f"proptests/CMakeFiles/aftersync-check.dir/**/{main.name}.o"))
    return found[0]
