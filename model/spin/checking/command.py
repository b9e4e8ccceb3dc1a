"""`check`: runs the searches, prints a line and a reason for each, and says whether all is well."""

import argparse
import concurrent.futures
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

from model.spin.checking import experiments, pan, trace

LEFT_OUT = """What these bounds leave out:
  more than three members, more terms, crashes and groups than stated;
  changes of membership; byzantine members;
  what lies inside a group: transactions, torn writes, GTID numbers; the speed of anything.
"""


def main(doc, arguments):
    parser = argparse.ArgumentParser(
        prog="check", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="smaller bounds")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these searches")
    parser.add_argument("--no-traces", action="store_true", help="verdicts without counterexamples")
    parser.add_argument("--list", action="store_true", help="name the searches and stop")
    options = parser.parse_args(arguments)
    try:
        chosen = choose(experiments.searches(options.quick), options.only)
        if options.list:
            print("".join(f"{one.name:22} {one.bounds}; {about(one)}\n" for one in chosen), end="")
            return 0
        pan.require_tools()
        # A search may run for minutes and hold gigabytes: it must not outlive this command.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        return run(chosen, options)
    except (BadUsage, pan.MissingTool) as error:
        print(f"check: {error}", file=sys.stderr)
        return 2


class BadUsage(Exception):
    """The text is for the user."""


def choose(searches, names):
    known = {one.name for one in searches}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise BadUsage(f"no search is called {unknown[0]}; --list names them")
    return [one for one in searches if not names or one.name in names]


def about(search):
    if isinstance(search, experiments.Sound):
        return f"must hold: {search.about}"
    return f"must break: {described(search)}"


def described(variant):
    """What the list of variants says of it: in variants.pml, or in a model of one file."""
    lists = "variants.pml" if variant.model == "cluster.pml" else variant.model
    text = (pan.MODELS / lists).read_text()
    match = re.search(rf"^//   {variant.name} +(.*)$", text, re.MULTILINE)
    return match[1] if match else "undescribed"


def run(chosen, options):
    start = time.monotonic()
    failures = 0
    explained = False
    for one, search, reason in judged(chosen):
        failures += reason is not None
        print_verdict(one, search, reason)
        if search.events and not options.no_traces:
            if not explained:
                print("".join(f"    {line}\n" for line in trace.LEGEND), end="")
                explained = True
            print(trace.render(search.events), flush=True)
    print(LEFT_OUT, end="")
    print(f"{len(chosen) - failures} passed, {failures} failed, in "
          f"{time.monotonic() - start:.0f} s")
    return 1 if failures else 0


def judged(chosen):
    """(experiment, Search, why it is not as it should be or None) of each, in order.

    One search runs at a time, as each may need all the memory there is; meanwhile the next one is
    compiled.
    """
    with tempfile.TemporaryDirectory(prefix="aftersync-spin-") as folder, \
            concurrent.futures.ThreadPoolExecutor(max_workers=1) as compiler:
        folders = [pathlib.Path(folder, str(number)) for number in range(len(chosen))]
        builds = [compiler.submit(build, one, place) for one, place in zip(chosen, folders)]
        try:
            for one, place, built in zip(chosen, folders, builds):
                search = pan.search(built.result())
                yield one, *outcome(one, search)
                shutil.rmtree(place)
        finally:
            compiler.shutdown(cancel_futures=True)


def build(one, folder):
    folder.mkdir()
    defines = one.all_defines + one.bounds.defines()
    if isinstance(one, experiments.Variant):
        return pan.shortest(one.model, defines, folder)
    return pan.exhaustive(one.model, defines, folder, one.cycles)


def outcome(one, search):
    """(Search, why it is not as it should be or None)."""
    if isinstance(one, experiments.Variant):
        return search, variant_fault(one, search)
    reason = sound_fault(one, search)
    if reason == "a violation":
        search = search._replace(events=readable_counterexample(one))
    return search, reason


def readable_counterexample(sound):
    """The shortest run to the violation, with the members' names kept apart."""
    defines = tuple(define for define in sound.all_defines if define != "SYMMETRY")
    with tempfile.TemporaryDirectory(prefix="aftersync-spin-") as folder:
        built = pan.shortest(sound.model, defines + sound.bounds.defines(), folder)
        return pan.search(built).events


def sound_fault(sound, search):
    if search.errors:
        return "a run without end" if "acceptance cycle" in search.output else "a violation"
    if not search.complete:
        return f"the search was cut short:\n{search.output}"
    names = {name for number, name in probe_names(sound).items() if number not in search.probes}
    if names - sound.unreachable:
        return f"never reached: {', '.join(sorted(names - sound.unreachable))}"
    if sound.unreachable - names:
        return f"called unreachable, but reached: {', '.join(sorted(sound.unreachable - names))}"
    return None


def variant_fault(variant, search):
    if not search.errors:
        cut = "" if search.complete else f"; the search was cut short:\n{search.output}"
        return f"no counterexample{cut}"
    said = [line for line in search.events if line.startswith("@!")]
    if not said or variant.breaks.text not in said[-1]:
        return f"another violation than expected ({variant.breaks.text}): {said}"
    return None


def probe_names(sound):
    """By number, those that the search can know of."""
    lists = "probes.pml" if sound.model == "cluster.pml" else sound.model
    text = (pan.MODELS / lists).read_text()
    found = re.findall(r"^#define PROBE_(\w+) (\d+)$", text, re.MULTILINE)
    return {int(number): name for name, number in found
            if "CONVERGE" in sound.defines or not name.startswith("CONVERGE_")}


def print_verdict(one, search, reason):
    sound = isinstance(one, experiments.Sound)
    verdict = ("FAILED" if reason else "holds" if sound else "breaks")
    print(f"{verdict:6} {one.name:22} {one.bounds}; {search.states} states, depth {search.depth}, "
          f"{search.seconds:.1f} s of one core, {search.memory_mb:.0f} MB")
    print(f"    {about(one)}")
    if sound and not reason:
        reached = len(search.probes)
        print(f"    complete; {reached} of {len(probe_names(one))} probes reached")
    if reason:
        print(f"    {reason}")
    sys.stdout.flush()
