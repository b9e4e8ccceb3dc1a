"""The command line.

Exit codes: 0 the history does not contradict the model; 1 it does; 2 bad input, a cluster that
could not be had, or an interruption; 3 undecided.
"""

import argparse
import dataclasses
import json
import pathlib
import signal
import sys
import time

from jepsen import checker, experiment, report, runner, summary
from jepsen.errors import UserError
from jepsen.progress import Progress

RESULTS = checker.ROOT / "reports" / "jepsen"
BAD = 2


def main(arguments=None):
    options = _parser().parse_args(arguments)
    # A terminated run cleans up like an interrupted one.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return options.command(options)
    except UserError as error:
        print(f"jepsen: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("jepsen: interrupted", file=sys.stderr)
    return BAD


def _parser():
    parser = argparse.ArgumentParser(
        prog="python3 -m jepsen", description="Experiments on real clusters, with a verdict.",
        epilog=__doc__.split("\n\n", 1)[1], formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run an experiment: the name of a shipped one, or a file")
    run.add_argument("experiment", nargs="+")
    run.add_argument("--seed", type=int, help="instead of the experiment's")
    run.add_argument("--duration", type=float, metavar="S", help="instead of the experiment's")
    run.add_argument("--results", type=pathlib.Path, default=RESULTS, metavar="FOLDER",
                     help="where each run gets its folder")
    run.add_argument("--work-folder", type=pathlib.Path, metavar="FOLDER",
                     help="where the nodes keep their data while they run")
    run.add_argument("--json", action="store_true", help="the outcome as JSON on standard output")
    run.set_defaults(command=_run)
    shown = commands.add_parser("list", help="the shipped experiments")
    shown.set_defaults(command=_list)
    checked = commands.add_parser("validate", help="read experiments and say what is wrong")
    checked.add_argument("experiment", nargs="+")
    checked.set_defaults(command=_validate)
    written = commands.add_parser("report", help="write report.html of a run's results anew")
    written.add_argument("results", nargs="+", type=pathlib.Path)
    written.set_defaults(command=_report)
    return parser


def _report(options):
    for folder in options.results:
        print(report.write(folder))
    return 0


def _list(_):
    for name in experiment.shipped_names():
        print(f"{name:28} {experiment.load(experiment.FOLDER / f'{name}.toml').title}")
    return 0


def _validate(options):
    for name in options.experiment:
        experiment.load(experiment.find(name))
        print(f"{name}: fine")
    return 0


def _run(options):
    loaded = [_changed(experiment.load(experiment.find(name)), options)
              for name in options.experiment]
    worst = 0
    for one in loaded:
        with Progress() as progress:
            outcome = runner.run(one, _results_folder(options.results, one.name), progress,
                                 options.work_folder)
        if outcome.report is not None:
            report.write(outcome.folder)
        if options.json:
            print(json.dumps({"folder": str(outcome.folder), "facts": outcome.facts,
                              "verdict": outcome.report}))
        else:
            print("\n".join(summary.lines(outcome)))
        if outcome.interrupted or outcome.report is None:
            return BAD
        worst = max(worst, outcome.report["exit"],
                    key=(checker.HOLDS, checker.UNDECIDED, checker.VIOLATED).index)
    return worst


def _changed(one, options):
    if options.seed is not None:
        one = dataclasses.replace(one, seed=options.seed)
    if options.duration is not None:
        if options.duration < 1:
            raise UserError("--duration: at least 1 second")
        factor = options.duration / one.duration_s
        phases = tuple(dataclasses.replace(phase, duration_s=phase.duration_s * factor)
                       for phase in one.phases)
        one = dataclasses.replace(one, duration_s=options.duration, phases=phases)
    return one


def _results_folder(parent, name):
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        folder = parent / f"{name}-{stamp}{'' if number == 1 else f'-{number}'}"
        if not folder.exists():
            return folder
    raise UserError(f"{parent}: too many results of {name} there")
