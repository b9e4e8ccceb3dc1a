"""What the compiled engine asks of the outside, read from its archive with nm.

The engine may call itself, the platform seam, the C++ run-time and a short list of C functions that
compute and touch nothing. Everything else is a way around the seam. C functions are held against a
list of those allowed, as nobody can list all the others; symbols of the C++ library, which are
many, against patterns of those refused.
"""

import re
import subprocess
from typing import NamedTuple

from proptests.tidy.source import ROOT

BUILD = ROOT / "build" / "release"
ENGINE = BUILD / "lib" / "libaftersync.a"
PLATFORMS = {
    "posix": BUILD / "lib" / "libaftersync_posix.a",
    "sim": BUILD / "lib" / "libaftersync_sim.a",
}

# Functions of C that compute, and what the compiler itself calls.
ALLOWED_C = frozenset("""
    memcpy memmove memset memcmp memchr memrchr strlen strnlen strcmp strncmp strchr strtod strtof
    snprintf vsnprintf abs strtoull
    sin cos tan asin acos atan atan2
    ldexp frexp pow exp log log2 log10 sqrt floor ceil rint round trunc fmod
    malloc calloc realloc free aligned_alloc posix_memalign abort
    __gxx_personality_v0 _Unwind_Resume __dso_handle __cpu_model __cpu_indicator_init
    _GLOBAL_OFFSET_TABLE_ __stack_chk_fail __libc_single_threaded __errno_location
    __cxa_allocate_exception __cxa_free_exception __cxa_throw __cxa_begin_catch __cxa_end_catch
    __cxa_rethrow __cxa_pure_virtual __cxa_throw_bad_array_new_length __dynamic_cast __cxa_atexit
    __cxa_bad_cast __cxa_bad_typeid
    __start_aftersync_probes __stop_aftersync_probes
""".split())

# Fault points: libfiu decides, the simulator or fiu-ctrl tells it what.
ALLOWED_C |= {"fiu_init", "fiu_fail", "fiu_disable", "fiu_enable_external", "fiu_rc_fifo"}
# Counting bits, and dividing 128 of them, where no instruction for it may be assumed: the
# compiler's own library.
ALLOWED_C |= {"__popcountdi2", "__divti3", "__modti3", "__divmodti4"}

# OpenSSL computes on bytes in memory: for the files of core/wire that are named after it, and only
# functions of these names, none of which opens, connects, asks for the time or draws a number.
OPENSSL_OBJECT = re.compile(r"openssl_\w+\.cc\.o")
ALLOWED_OPENSSL = re.compile(r"""
    SSL_(?!.*(?:set_r?w?fd|_file|_path|_dir|_locations)\b)\w+ | TLS_(?:server|client)_method
  | EVP_\w+ | X509(?:V3)?_(?!.*(?:file|cmp_current_time|gmtime_adj|time_adj))\w+
  | ASN1_(?:TIME|INTEGER)_set | PEM_(?:read|write)_bio_\w+ | ERR_\w+
  | BIO_(?:new|new_mem_buf|s_mem|read_ex|write_ex|ctrl|free_all)
  | CRYPTO_(?:memcmp|free|zalloc) | OPENSSL_cleanse | RAND_set_DRBG_type
  | OSSL_LIB_CTX_(?:new|free) | OSSL_PROVIDER_\w+ | OSSL_PARAM_\w+
""", re.VERBOSE)
# The checksum of binlog events: zlib's, which only computes.
ALLOWED_C |= {"crc32_z"}

# (object, symbol): the last words of a failed CHECK, before the process aborts.
ALLOWED_IN = {("check.cc.o", symbol) for symbol in ("fprintf", "fputc", "fwrite", "stderr")}

REFUSED_STD = re.compile(r"""
    \bstd::(?:thread|jthread|this_thread|mutex|recursive_mutex|timed_mutex|shared_mutex
             |condition_variable|_V2::condition_variable_any|__condvar|random_device|filesystem
             |cin|cout|cerr|clog|wcout|wcerr|ios_base::Init|locale::global|future|__future_base
             |__basic_future|__once_call|__once_callable|__atomic_futex_unsigned_base|stop_token
             |__throw_system_error|__throw_future_error)
  | \bstd::(?:__cxx11::)?basic_[io]?f(?:ile|stream) | \bstd::basic_filebuf
  | \bstd::chrono::.*\bnow\(
  | \bstd::__detail::__(?:platform_|waiter|wait)
  | \bstd::pmr::(?:get|set)_default_resource
""", re.VERBOSE)

ALLOWED_CPP = re.compile(r"""
    ^(?:(?:vtable|typeinfo(?:\ name)?|VTT|guard\ variable|construction\ vtable)\ for\ )?
    (?:[\w:<>,&*\ ]+\ )?                                # return type of a template function
    (?:aftersync::|std::|__gnu_cxx::|__cxxabiv1::|boost::intrusive::)
  | ^operator\ (?:new|delete)\b
""", re.VERBOSE)


class Symbol(NamedTuple):
    object: str  # member of the archive, or the object file
    kind: str  # nm's letter: U and w are undefined
    name: str  # demangled


def symbols(path):
    """All global symbols of an archive or object file."""
    text = subprocess.run(
        ["nm", "--extern-only", "--demangle", "--print-file-name", str(path)],
        check=True, capture_output=True, text=True,
    ).stdout
    lines = re.findall(r"^(.*?):(?:[0-9a-f]{16}| {16}) (\w) (.*)$", text, re.MULTILINE)
    return [Symbol(re.split("[:/]", place)[-1], kind, name) for place, kind, name in lines]


def thread_local_sections(path):
    """Sections of an archive or object file that hold a variable for each thread."""
    text = subprocess.run(
        ["readelf", "--sections", "--wide", str(path)], check=True, capture_output=True, text=True
    ).stdout
    return re.findall(r"\.t(?:bss|data)\S*", text)


def refused(found):
    """The undefined symbols that bypass the seam, as sentences."""
    outside = undefined(found)
    return sorted({
        f"{symbol.object} calls {symbol.name}"
        for symbol in found
        if symbol.name in outside and not _allowed(symbol)
    })


def _allowed(symbol):
    name = symbol.name
    if re.fullmatch(r"\w+", name):
        if OPENSSL_OBJECT.fullmatch(symbol.object) and ALLOWED_OPENSSL.fullmatch(name):
            return True
        return name in ALLOWED_C or (symbol.object, name) in ALLOWED_IN
    return bool(ALLOWED_CPP.search(name)) and not REFUSED_STD.search(name)


def undefined(found):
    """What these objects leave to others."""
    return {symbol.name for symbol in found if symbol.kind in "Uw"} - defined(found)


def defined(found):
    return {symbol.name for symbol in found if symbol.kind not in "Uw"}


def strong_definitions(found):
    """Functions and data defined here and nowhere else (inline ones are weak: W, V, u)."""
    return {symbol.name for symbol in found if symbol.kind in "TDBR"}


def link_inputs(program):
    """Files that the linker is given for bin/PROGRAM, as ninja knows them."""
    text = subprocess.run(
        ["ninja", "-C", str(BUILD), "-t", "query", f"bin/{program}"],
        check=True, capture_output=True, text=True,
    ).stdout
    inputs = re.search(r"input:[^\n]*\n(.*?)\n  outputs:", text, re.DOTALL)[1]
    lines = [line.strip() for line in inputs.splitlines()]
    return [line.lstrip("| ") for line in lines if not line.startswith("||")]


def programs():
    """Names of all programs in bin/, as ninja knows them."""
    text = subprocess.run(
        ["ninja", "-C", str(BUILD), "-t", "targets", "all"],
        check=True, capture_output=True, text=True,
    ).stdout
    return sorted(set(re.findall(r"^bin/([^/:]+): CXX_EXECUTABLE", text, re.MULTILINE)))
