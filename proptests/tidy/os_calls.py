"""Direct use of the operating system, and other sources of accident.

core runs unchanged in the simulator, where time, threads, files, network and randomness come from a
seed. One direct call would make two runs of a seed differ. core/platform/posix is the only place
for such calls, and programs (*_main.cc) live outside. model/ and faults/ may use files and print,
but neither clocks, threads nor chance. faults/sim may have thread_local: one host thread runs one
simulation, and this is how the seam's functions find it.
test_archive.py looks at the compiled engine as well, and sees what slips past these words.
"""

import re

from proptests.tidy.source import Finding

POSIX = "core/platform/posix/"

# Headers that carry threads, clocks or chance: nowhere in core, model or faults.
ACCIDENT_HEADERS = frozenset("""
    thread mutex shared_mutex condition_variable future barrier latch semaphore stop_token random
    pthread.h sched.h threads.h time.h ctime sys/time.h sys/random.h sys/timerfd.h signal.h csignal
""".split())

# Headers that carry files, network and processes: nowhere in core.
OS_HEADERS = frozenset("""
    unistd.h fcntl.h poll.h netdb.h dirent.h ifaddrs.h termios.h sys/socket.h sys/un.h sys/types.h
    sys/stat.h sys/mman.h sys/file.h sys/uio.h sys/epoll.h sys/eventfd.h sys/ioctl.h sys/wait.h
    sys/syscall.h sys/resource.h netinet/in.h netinet/tcp.h arpa/inet.h linux/futex.h
    iostream fstream filesystem syncstream
""".split())

ACCIDENT_WORDS = re.compile(r"""
    \bstd::(?:this_thread|j?thread|(?:recursive_|timed_|shared_)*mutex|condition_variable(?:_any)?
             |lock_guard|unique_lock|scoped_lock|shared_lock|call_once|async|future|promise
             |latch|barrier|counting_semaphore|binary_semaphore|random_device|getenv)\b
  | \b(?:system|steady|high_resolution|file|utc)_clock\b
  | \bthread_local\b
  | \b(?:pthread_\w+|clock_gettime|gettimeofday|getenv|secure_getenv|s?rand|s?random|rand_r
        |drand48|getrandom|getentropy|nanosleep|usleep)\s*\(
  | (?<![\w.>])(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0|&)
""", re.VERBOSE)

OS_WORDS = re.compile(r"""
    (?<![\w.>])(?:std::|::)?(?:fopen|freopen|tmpfile|printf|fprintf|vfprintf|puts|fputs|fputc
        |putchar|perror|popen|system|_?exit|quick_exit|_Exit|raise|signal|syscall|fork)\s*\(
  | \bstd::(?:cout|cerr|clog|cin|filesystem)\b
""", re.VERBOSE)

# (file, word found): why it may stand there.
EXCEPTIONS = {
    ("core/base/check.cc", "std::fprintf("): "last words before the process aborts",
    ("core/base/check.cc", "std::fputc("): "last words before the process aborts",
}


def check(tree):
    findings = []
    for file in tree.cpp("core", "model", "faults"):
        if file.path.startswith(POSIX) or file.path.endswith("_main.cc"):
            continue
        in_core = file.path.startswith("core/")
        findings += _headers(file, in_core)
        findings += _words(file, ACCIDENT_WORDS)
        if in_core:
            findings += _words(file, OS_WORDS)
    return findings


def _headers(file, in_core):
    banned = ACCIDENT_HEADERS | OS_HEADERS if in_core else ACCIDENT_HEADERS
    return [
        Finding(file.path, line, f"<{path}> belongs to core/platform/posix")
        for line, path, quoted in file.includes
        if not quoted and path in banned
    ]


def _words(file, words):
    return [
        Finding(file.path, file.line_at(match.start()), f"'{match[0]}' bypasses the platform seam")
        for match in words.finditer(file.code)
        if (file.path, match[0]) not in EXCEPTIONS
        and not (match[0] == "thread_local" and file.path.startswith("faults/sim/"))
    ]
