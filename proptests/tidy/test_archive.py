"""The compiled engine calls nothing but the platform seam, and every program links that very file.

Needs the release build: ./test --only tidy makes it.
"""

import json
import pathlib
import re
import shlex
import subprocess

import pytest

from proptests.tidy import archive

# Snippets that must be seen to bypass the seam: (called, C++).
BYPASSES = [
    ("clock_gettime", "#include <time.h>\nvoid f() { timespec t; clock_gettime(0, &t); }"),
    ("time", "#include <time.h>\nlong f() { return time(nullptr); }"),
    ("open", "#include <fcntl.h>\nint f() { return open(\"a\", O_RDONLY); }"),
    ("pread", "#include <unistd.h>\nlong f(char* p) { return pread(0, p, 1, 0); }"),
    ("fsync", "#include <unistd.h>\nint f() { return fsync(1); }"),
    ("rename", "#include <cstdio>\nint f() { return rename(\"a\", \"b\"); }"),
    ("socket", "#include <sys/socket.h>\nint f() { return socket(1, 2, 3); }"),
    ("pthread_mutex_lock", "#include <mutex>\nstd::mutex m; void f() { m.lock(); }"),
    ("std::thread", "#include <thread>\nvoid f() { std::thread([] {}).join(); }"),
    ("std::condition_variable",
     "#include <condition_variable>\nstd::condition_variable c; void f() { c.notify_one(); }"),
    ("std::chrono::_V2::steady_clock::now",
     "#include <chrono>\nlong f() { return std::chrono::steady_clock::now()"
     ".time_since_epoch().count(); }"),
    ("std::random_device", "#include <random>\nunsigned f() { return std::random_device()(); }"),
    ("std::filesystem",
     "#include <filesystem>\nbool f() { return std::filesystem::exists(\"a\"); }"),
    ("VTT for std::basic_ifstream", "#include <fstream>\nvoid f() { std::ifstream a(\"a\"); }"),
    ("std::cout", "#include <iostream>\nvoid f() { std::cout << 1; }"),
    ("rand", "#include <cstdlib>\nint f() { return rand(); }"),
    ("getenv", "#include <cstdlib>\nchar* f() { return std::getenv(\"a\"); }"),
    ("usleep", "#include <unistd.h>\nvoid f() { usleep(1); }"),
    ("syscall", "#include <atomic>\nstd::atomic<int> a; void f() { a.wait(1); }"),
    ("__cxa_guard_acquire", "int g(); int f() { static int once = g(); return once; }"),
    ("curl_easy_init", "extern \"C\" void curl_easy_init(); void f() { curl_easy_init(); }"),
    ("n21::other::g", "namespace other { void g(int); } void f() { other::g(1); }"),
]

HARMLESS = """
#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>
std::shared_ptr<std::map<std::string, int>> f(std::vector<int> v, std::unordered_map<int, int> u) {
  std::sort(v.begin(), v.end());
  if (u.empty()) throw std::runtime_error(std::to_string(v.at(0)));
  return std::make_shared<std::map<std::string, int>>();
}
"""


@pytest.fixture(scope="module")
def engine():
    if not archive.ENGINE.exists():
        pytest.fail("no release build: run ./test --only tidy", pytrace=False)
    return archive.symbols(archive.ENGINE)


def compiled(tmp_path, source):
    (tmp_path / "f.cc").write_text(source)
    subprocess.run(
        ["g++", "-std=c++20", "-O1", "-c", "f.cc", "-o", "f.o"], cwd=tmp_path, check=True
    )
    return tmp_path / "f.o"


@pytest.fixture(scope="module")
def bypasses(tmp_path_factory):
    """What is said about all BYPASSES, each in a namespace of its own, compiled at once."""
    includes, bodies = [], []
    for number, (_, source) in enumerate(BYPASSES):
        lines = source.split("\n")
        includes += [line for line in lines if line.startswith("#")]
        body = "\n".join(line for line in lines if not line.startswith("#"))
        bodies.append(f"namespace n{number} {{ {body} }}")
    folder = tmp_path_factory.mktemp("bypasses")
    return archive.refused(archive.symbols(compiled(folder, "\n".join(includes + bodies))))


@pytest.mark.parametrize("called", [called for called, _ in BYPASSES])
def test_bypass_is_seen(bypasses, called):
    assert any(re.search(rf"calls {re.escape(called)}\b", one) for one in bypasses), bypasses


def test_harmless_code_is_accepted(tmp_path):
    harmless = compiled(tmp_path, HARMLESS)
    assert archive.refused(archive.symbols(harmless)) == []
    assert archive.thread_local_sections(harmless) == []


@pytest.mark.parametrize("owner, name, allowed", [
    ("openssl_tls.cc.o", "SSL_read_ex", True),
    ("openssl_tls.cc.o", "SSL_set_fd", False),
    ("openssl_tls.cc.o", "SSL_CTX_use_certificate_file", False),
    ("openssl_tls.cc.o", "BIO_new_file", False),
    ("openssl_library.cc.o", "RAND_bytes", False),
    ("openssl_keys.cc.o", "X509_gmtime_adj", False),
    ("engine.cc.o", "SSL_read_ex", False),
])
def test_openssl_only_in_its_files_and_only_on_memory(owner, name, allowed):
    assert (archive.refused([archive.Symbol(owner, "U", name)]) == []) == allowed


def test_thread_local_is_seen(tmp_path):
    held = compiled(tmp_path, "thread_local int x; int f() { return x; }")
    assert archive.thread_local_sections(held) == [".tbss"]


def test_engine_has_no_thread_locals(engine):
    assert archive.thread_local_sections(archive.ENGINE) == []


def test_engine_calls_only_the_seam(engine):
    assert len(engine) > 100, "the engine's archive is nearly empty: was it read?"
    sentences = archive.refused(engine)
    if sentences:
        pytest.fail("around the seam:\n" + "\n".join(sentences), pytrace=False)


@pytest.fixture(scope="module")
def platforms(engine):
    return {name: archive.symbols(path) for name, path in archive.PLATFORMS.items()}


def test_both_platforms_define_what_the_engine_needs(engine, platforms):
    needed = archive.undefined(engine)
    posix = needed & archive.defined(platforms["posix"])
    # The simulator replaces the language's own allocation, so that a killed process leaves nothing.
    sim = {name for name in needed & archive.defined(platforms["sim"])
           if not name.startswith(("operator new", "operator delete"))}
    assert any("Mutex::lock" in name for name in posix)
    assert posix - sim == set() and sim - posix == set()


@pytest.mark.parametrize("name", archive.PLATFORMS)
def test_engine_defines_nothing_of_the_platform(engine, platforms, name):
    own = archive.strong_definitions(engine)
    assert own & archive.strong_definitions(platforms[name]) == set()


def programs_of(room):
    mains = (archive.ROOT / room).rglob("*_main.cc")
    return {main.name.removesuffix("_main.cc").replace("_", "-") for main in mains}


def test_one_archive_in_every_program(engine):
    platform_of = {}
    for program in archive.programs():
        inputs = archive.link_inputs(program)
        engines = [one for one in inputs if re.search(r"/libaftersync(_base)?\.a$", one)]
        platforms = re.findall(r"/libaftersync_(posix|sim)\.a$", "\n".join(inputs), re.MULTILINE)
        own = [one for one in inputs if re.search(r"^core/.*\.o$", one) and "_main.cc" not in one]
        assert own == [], f"{program} links objects of core beside the archive"
        if platforms:
            assert engines == ["lib/libaftersync.a"] and len(platforms) == 1, (program, inputs)
            platform_of[program] = platforms[0]
    assert {platform_of.get(program) for program in programs_of("core")} <= {"posix"}
    assert {platform_of.get(program) for program in programs_of("faults")} <= {"sim"}


def test_engine_is_compiled_once(engine):
    entries = json.loads((archive.BUILD / "compile_commands.json").read_text())
    sources = [entry["file"] for entry in entries]
    core = [one for one in sources if "/core/" in one]
    assert len(core) > 5 and len(core) == len(set(core))


def without_faults(entry, folder):
    """Compiles one source with the fault points switched off (or on, for the self-test)."""
    output = pathlib.Path(folder, pathlib.Path(entry["file"]).name + ".o")
    command = shlex.split(entry["command"])
    command[command.index("-o") + 1] = str(output)
    off = ["-O0" if word == "-O2" else word for word in command if word != "-DFIU_ENABLE"]
    off = ["-DAFTERSYNC_FAULTS=0" if word == "-DAFTERSYNC_FAULTS=1" else word for word in off]
    subprocess.run(off, cwd=entry["directory"], check=True)
    return output


def sources_with_faults():
    """Compile commands of the engine's sources that mention fault points."""
    entries = json.loads((archive.BUILD / "compile_commands.json").read_text())
    return [
        entry for entry in entries
        if "/core/" in entry["file"]
        and "AFTERSYNC_FAULT" in pathlib.Path(entry["file"]).read_text()
    ]


def fault_names():
    text = (archive.ROOT / "core/base/fault_points.def").read_text()
    return re.findall(r'AFTERSYNC_FAULT_POINT\(\s*"([^"]+)"', text)


def names_in(path):
    held = path.read_bytes()
    return [name for name in fault_names() if name.encode() in held]


def test_option_off_leaves_no_fault_names(engine, tmp_path):
    assert len(fault_names()) > 5
    assert len(names_in(archive.ENGINE)) == len(fault_names()), "the names were looked for wrongly"
    entries = sources_with_faults()
    assert entries
    for entry in entries:
        output = without_faults(entry, tmp_path)
        assert names_in(output) == [], f"{entry['file']} holds fault names though they are off"
        undefined = [one.name for one in archive.symbols(output) if one.name.startswith("fiu_")]
        assert undefined == [], f"{entry['file']} calls libfiu though fault points are off"
