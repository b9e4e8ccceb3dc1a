"""Each tidy rule is shown something bad and must flag it, and something good and must not.

A case is a small tree in memory: {path: text}. `bad` expects one finding whose text contains the
given words; `good` expects none.
"""

import pytest

from proptests.tidy import arrows, functions, layout, one_definition, order, os_calls, ratchet
from proptests.tidy.source import SourceFile, Tree, blank_comments_and_literals

OPENING = "// A file made for this test.\n"


def cpp(body):
    return OPENING + body + "\n"


def header(body):
    return OPENING + "#pragma once\n" + body + "\n"


def including(path):
    return cpp(f'#include "{path}"')


def defining(namespace, body):
    return header(f"namespace {namespace} {{\n{body}\n}}")


def long_function(lines, name="f"):
    return f"void {name}() {{\n" + "  g();\n" * (lines - 2) + "}"


# (rule, words of the finding, tree)
BAD = [
    (arrows, "may not include core/txn/a.h",
     {"core/log/a.cc": including("core/txn/a.h"), "core/txn/a.h": header("")}),
    (arrows, "may not include core/platform/a.h",
     {"core/base/a.cc": including("core/platform/a.h"), "core/platform/a.h": header("")}),
    (arrows, "may not include model/a.h",
     {"core/sql/a.cc": including("model/a.h"), "model/a.h": header("")}),
    (arrows, "may not include proptests/base/a.h",
     {"core/base/a.cc": including("proptests/base/a.h"), "proptests/base/a.h": header("")}),
    (arrows, "may not include core/log/a.h",
     {"model/a.cc": including("core/log/a.h"), "core/log/a.h": header("")}),
    (arrows, "may not include core/log/a.h",
     {"faults/sim/a.cc": including("core/log/a.h"), "core/log/a.h": header("")}),
    (arrows, "only programs and posix tests",
     {"core/log/a.cc": including("core/platform/posix/a.h"),
      "core/platform/posix/a.h": header("")}),
    (arrows, "no path from the top",
     {"core/log/a.cc": including("a.h"), "core/log/a.h": header("")}),
    (arrows, "belongs in quotes", {"core/log/a.cc": cpp("#include <core/base/a.h>")}),
    (arrows, "no known room", {"core/cache/a.cc": cpp("")}),
    (os_calls, "<thread>", {"core/log/a.cc": cpp("#include <thread>")}),
    (os_calls, "<random>", {"model/a.cc": cpp("#include <random>")}),
    (os_calls, "<unistd.h>", {"core/base/a.cc": cpp("#include <unistd.h>")}),
    (os_calls, "<iostream>", {"core/base/a.cc": cpp("#include <iostream>")}),
    (os_calls, "std::mutex", {"core/log/a.h": header("std::mutex m;")}),
    (os_calls, "std::shared_mutex", {"core/log/a.h": header("std::shared_mutex m;")}),
    (os_calls, "std::jthread", {"core/log/a.h": header("std::jthread t;")}),
    (os_calls, "steady_clock", {"faults/a.cc": cpp("auto t = std::chrono::steady_clock::now();")}),
    (os_calls, "thread_local", {"core/sql/a.cc": cpp("thread_local int x;")}),
    (os_calls, "thread_local", {"faults/plan/a.cc": cpp("thread_local int x;")}),
    (os_calls, "rand(", {"model/a.cc": cpp("int x = rand();")}),
    (os_calls, "std::getenv", {"core/log/a.cc": cpp('auto x = std::getenv("HOME");')}),
    (os_calls, "time(nullptr", {"core/log/a.cc": cpp("auto x = time(nullptr);")}),
    (os_calls, "pthread_create(", {"core/log/a.cc": cpp("int x = pthread_create(a, b, c, d);")}),
    (os_calls, "fopen(", {"core/log/a.cc": cpp('auto f = fopen("a", "r");')}),
    (os_calls, "std::cerr", {"core/log/a.cc": cpp('void f() { std::cerr << "x"; }')}),
    (layout, "101 columns", {"core/base/a.cc": cpp("//" + "x" * 99)}),
    (layout, "101 columns", {"test": "#" + "x" * 100 + "\n"}),
    (layout, "tab", {"core/base/a.cc": cpp("\tint x;")}),
    (layout, "blanks at the end", {"README.md": "text \n"}),
    (layout, "exactly one newline", {"README.md": "text"}),
    (layout, "opens with a comment", {"core/base/a.cc": "#include <array>\n"}),
    (layout, "#pragma once", {"core/base/a.h": cpp("int x;")}),
    (layout, "path of one machine", {"README.md": "see /home/somebody/notes\n"}),
    (layout, "private network", {"README.md": "from http://10.1.2.3:3128/\n"}),
    (order, "unordered by_name", {
        "core/log/a.cc": cpp("std::unordered_map<int, std::vector<int>> by_name;\n"
                             "void f() { for (auto& [k, v] : by_name) g(k, v); }")}),
    (order, "unordered pages_", {
        "core/log/a.h": header("struct A { std::unordered_set<int> pages_; };"),
        "core/log/a.cc": including("core/log/a.h") + "void A::f() { for (int p : pages_) g(p); }\n",
    }),
    (order, "unordered a->pages()", {
        "model/a.cc": cpp("const std::unordered_set<int>& pages() const;\n"
                          "void f() {\n  for (int p : a->pages()) {\n    g(p);\n  }\n}")}),
    (order, "unordered index", {
        "core/log/a.cc": cpp("using Index = std::unordered_multimap<int, int>;\nIndex index;\n"
                             "void f() { g(index.begin(), index.end()); }")}),
    (order, "unordered seen", {
        "faults/a.cc": cpp("void f(const std::unordered_set<int>& seen) {\n"
                           "  // order-free:\n  for (int s : seen) g(s);\n}")}),
    (order, "sorted by pointers", {"core/log/a.h": header("std::map<const Page*, int> m;")}),
    (order, "sorted by pointers", {"core/log/a.h": header("std::set<std::vector<int>*> m;")}),
    (order, "sorted by pointers",
     {"model/a.h": header("std::map<std::shared_ptr<Page>, int> m;")}),
    (one_definition, "model::E is also defined in model/a/e.h", {
        "model/a/e.h": defining("model", "enum class E : int { a };"),
        "model/b/e.h": defining("model", "enum class E : int { b };")}),
    (one_definition, "n::S is also defined in bench/s.h", {
        "bench/s.h": defining("n", "struct S {\n};"),
        "core/log/s.h": defining("n", "class [[nodiscard]] S final : public B {\n};")}),
    (ratchet, "function f has 71 lines", {"core/log/a.cc": cpp(long_function(71))}),
    (ratchet, "function A::f has 90 lines", {"bench/a.cc": cpp(long_function(90, "A::f"))}),
    (ratchet, "function f has 81 lines; the limit is 80",
     {"core/log/a.cc": cpp(long_function(81)), ratchet.LIST: "80 core/log/a.cc f\n"}),
    (ratchet, "lower the entry of core/log/a.cc f from 80 to 79",
     {"core/log/a.cc": cpp(long_function(79)), ratchet.LIST: "80 core/log/a.cc f\n"}),
    (ratchet, "remove the entry of core/log/a.cc f",
     {"core/log/a.cc": cpp(long_function(70)), ratchet.LIST: "80 core/log/a.cc f\n"}),
    (ratchet, "remove the entry of core/log/gone.cc", {ratchet.LIST: "900 core/log/gone.cc\n"}),
    (ratchet, "file has 801 lines", {"core/log/a.cc": cpp("\n" * 799)}),
    (ratchet, "function f has 72 lines",
     {"bench/a.py": "def f():\n" + "    g()\n" * 71}),
    (ratchet, "braces do not match", {"core/log/a.cc": cpp("void f() {\n")}),
]

GOOD = [
    (arrows, {"core/sql/a.cc": including("core/log/a.h"), "core/log/a.h": header("")}),
    (arrows, {"core/txn/a.cc": including("core/binlog/a.h"), "core/binlog/a.h": header("")}),
    (arrows, {"model/a.cc": including("core/base/a.h"), "core/base/a.h": header("")}),
    (arrows, {"core/server/aftersyncd_main.cc": including("core/platform/posix/a.h"),
              "core/platform/posix/a.h": header("")}),
    (os_calls, {"core/platform/posix/a.cc": cpp("#include <unistd.h>\nstd::mutex m;")}),
    (os_calls, {"core/log/a.cc": cpp("// std::mutex\nstd::atomic<int> x;\nauto y = c.time();")}),
    (os_calls, {"core/log/a.cc": cpp("int strand(int);\nauto s = \"rand()\";\nfile.write(x);")}),
    (os_calls, {"faults/sim/a.cc": cpp("thread_local int x;")}),
    (os_calls, {"model/check_main.cc": cpp("#include <iostream>\nint main() { exit(1); }")}),
    (layout, {"core/base/a.h": header("int x;"), "README.md": "see https://example.com/home/x\n"}),
    (order, {"core/log/a.cc": cpp(
        "std::unordered_map<int, int> m;\n"
        "// order-free: a sum\nint f() { for (auto& [k, v] : m) s += v; return m.at(1); }\n"
        "void g() { for (int i : list) m.find(i) == m.end(); }")}),
    (order, {"core/log/a.h": header("std::map<int, P*> a;\nstd::map<std::pair<int, int>, T> b;")}),
    (one_definition, {
        "core/platform/posix/s.h": defining("n", "struct S {\n};"),
        "faults/sim/s.h": defining("n", "struct S {\n};")}),
    (one_definition, {
        "model/a.h": defining("n", "class S;\nstruct T {};\nstruct A { struct T {}; };"),
        "model/b.h": defining("m", "class S;\nstruct T {};\n  struct A { struct T {}; };")}),
    (ratchet, {"core/log/a.cc": cpp(long_function(70)), "core/log/b.cc": cpp("\n" * 700)}),
    (ratchet, {"core/log/a.cc": cpp(long_function(80)), ratchet.LIST: "80 core/log/a.cc f  #\n"}),
]


def name_of(case):
    return f"{case[0].__name__.rpartition('.')[2]}-{case[1]}" if len(case) == 3 else None


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_flags(case):
    rule, words, texts = case
    texts_found = [str(finding) for finding in rule.check(Tree(texts))]
    assert len(texts_found) == 1 and words in texts_found[0], texts_found


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case[0].__name__.rpartition(".")[2])
def test_accepts(case):
    rule, texts = case
    assert [str(finding) for finding in rule.check(Tree(texts))] == []


def test_own_machine_path():
    pattern = layout.machine_path_pattern("/buildhost/me/aftersync")
    assert pattern.search('open("/buildhost/me/x")')
    assert not pattern.search("docs/buildhost/me")
    assert not layout.machine_path_pattern("/src").search("/src/x")


def test_arrows_form_no_circle():
    for room, direct in arrows.CORE_ARROWS.items():
        for below in direct:
            assert room not in arrows.reachable(below), f"{room} -> {below} -> ... -> {room}"


def test_blanking_keeps_every_line():
    text = 'int a = 1\'000; // x "\n/* { */ auto s = R"(} " \n)"; char c = \'"\'; f("//");\n'
    code = blank_comments_and_literals(text)
    assert len(code) == len(text) and code.count("\n") == text.count("\n")
    assert "{" not in code and "}" not in code and "//" not in code and "f(" in code


FUNCTIONS = """
namespace a {
#define X(y) {
class [[nodiscard]] B final : public C<int> {
 public:
  B(int x, D d = {}) : x_{x}, y_(2) {
    g();
  }
  bool operator()(int x) const { return x; }
  template <typename T, typename = std::enable_if_t<(sizeof(T) > 1)>>
  void t(const T& v) {
    h([&] { return v; });
  }

 private:
  int x_{1};
  std::function<int()> f_{nullptr};
};
enum class E : int { a, b };
constexpr int kTable[] = {1, 2};
const auto kLambda = [](int x) {
  return x;
};
struct S {
} s;
extern "C" {
int c_function(void) {
  return 1;
}
}
}  // namespace a
TEST_F(Suite, Case) {
}
auto a::B::late() -> std::vector<int> {
  return {};
}
"""


def test_function_finder():
    found = functions.cpp_functions(SourceFile("core/a.cc", FUNCTIONS).code)
    assert [(one.name, one.line, one.length) for one in found] == [
        ("B", 6, 3), ("operator()", 9, 1), ("t", 10, 4), ("c_function", 27, 3),
        ("Suite.Case", 32, 2), ("a::B::late", 34, 3)]
