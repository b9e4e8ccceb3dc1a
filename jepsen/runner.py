"""One run of an experiment: set up, let clients and nemesis loose, heal, read everything, check.

    results folder      what it holds
    experiment.toml     the experiment as given
    history.jsonl       what clients did (aftersync-check reads it), with faults noted between
    samples.jsonl       what the nodes said of themselves
    verdict.json        the checker's report
    report.html         all of it as a page
    run.json            versions, seed, network, times: what the report needs besides
    nodes/              logs, configurations and binlogs

Ctrl-C ends the run early: what was recorded is kept, is a valid history, and is checked.
"""

import dataclasses
import json
import os
import pathlib
import platform
import shutil
import tempfile
import time

from jepsen import checker, client, db, net, workloads
from jepsen.cluster import Cluster
from jepsen.errors import UserError
from jepsen.generator import Feed, plan, source_of
from jepsen.guard import Guard
from jepsen.history import Recorder
from jepsen.nemesis import Nemesis
from jepsen.sampler import Sampler
from jepsen.worker import Worker

TRIES = 5  # of initial and final operations
FIRST_READER = 1_000_000_000  # process numbers of those who do them


@dataclasses.dataclass
class Outcome:
    """What a run came to; `report` is the checker's, None when there is no history to check."""

    folder: pathlib.Path
    report: dict | None
    facts: dict
    interrupted: bool


class Run:
    """Holds all that a run has made, for `close` to end."""

    def __init__(self, experiment, folder, progress, work_folder=None):
        self.experiment = experiment
        self.folder = folder
        self.progress = progress
        self.guard = Guard()
        self.network = self.database = self.feed = None
        self.recorder = self.sampler = self.nemesis = None
        self.workers = []
        self._readers = 0
        self.facts = {"name": experiment.name, "title": experiment.title, "seed": experiment.seed,
                      "started": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
                      "machine": f"{platform.system()} {platform.release()}, "
                                 f"{os.cpu_count()} processors"}
        self._work = pathlib.Path(tempfile.mkdtemp(prefix="aftersync-jepsen-", dir=work_folder))
        self.guard.undo("rmtree", str(self._work))

    # -- setting up ------------------------------------------------------------------------------

    def prepare(self):
        experiment = self.experiment
        self.folder.mkdir(parents=True)
        if experiment.path.exists():
            shutil.copy(experiment.path, self.folder / "experiment.toml")
        nodes = [f"n{number}" for number in range(1, experiment.topology["nodes"] + 1)]
        self.network = self._make_network(nodes)
        self.database = db.class_of(experiment.db)(
            experiment.topology, experiment.settings, self.network, self.guard, self._work,
            self.progress.say)
        if experiment.topology["disk_mb"]:
            self._make_disks()
        self.database.start()
        self.facts["version"] = self.database.version()
        self.progress.say(f"{self.facts['version']}; clients against {self.database.primary}")
        self.cluster = Cluster(self.database, self.network)
        self.workloads = {
            name: workloads.class_of(name)(parameters, source_of(experiment.seed, name))
            for name, parameters in experiment.workloads.items()}
        for one in self.workloads.values():
            one.dialect = db.class_of(experiment.db)
        self.database.create_tables(
            [statement for one in self.workloads.values() for statement in one.tables()])

    def _make_network(self, nodes):
        wanted = self.experiment.topology["network"]
        if wanted == "auto":
            slow = any(fault.kind == "slow-links" for fault in self.experiment.faults)
            wanted, why = net.choose(slow)
        elif wanted == "namespaces" and (obstacle := net.why_no_namespaces()):
            raise UserError(f"{self.experiment.path}: topology.network: no namespaces here: "
                            f"{obstacle}")
        else:
            why = "the experiment asks for it"
        self.facts["network"] = f"{wanted} ({why})"
        self.progress.say(f"network: {self.facts['network']}")
        return net.make(wanted, nodes, self.guard, self.experiment.topology["base_port"])

    def _make_disks(self):
        if os.geteuid() != 0:
            raise UserError(f"{self.experiment.path}: topology.disk_mb: mounting needs root")
        for node in self.database.nodes:
            folder = self.database.data_folder(node)
            folder.mkdir(parents=True)
            self.guard.undo("run", "umount", "--lazy", str(folder))
            net.run("mount", "-t", "tmpfs", "-o",
                    f"size={self.experiment.topology['disk_mb']}m", "none", str(folder))

    # -- the run itself --------------------------------------------------------------------------

    def drive(self):
        experiment = self.experiment
        self.recorder = Recorder(self.folder / "history.jsonl")
        self.feed = Feed(plan(experiment.seed, experiment.phases,
                              {name: one.operations() for name, one in self.workloads.items()},
                              experiment.weights))
        self.sampler = Sampler(self.database, self.recorder, self.folder / "samples.jsonl")
        self.nemesis = Nemesis(experiment.faults, self.cluster, experiment.seed,
                               experiment.duration_s, self.recorder)
        count = experiment.clients["concurrency"]
        self.workers = [self._worker(number, count) for number in range(count)]
        self._all_of({name: one.initial_operations(self.database.primary)
                      for name, one in self.workloads.items()})
        self.sampler.start()
        self.recorder.note("primary", self.database.primary)
        self.nemesis.start()
        for worker in self.workers:
            worker.start()
        while any(worker.is_alive() for worker in self.workers) or self.nemesis.is_alive():
            time.sleep(0.2)
            self.recorder.flush()
            self.progress.update(self.recorder, self.sampler.latest, experiment.duration_s)
        self._raise_failures()

    def _worker(self, number, count):
        return Worker(number, count, self.feed, self.workloads, self.cluster, self.recorder,
                      self._session())

    def _session(self):
        return client.Session(lambda node: self.network.address(net.CLIENTS, node),
                              self.experiment.clients["isolation"],
                              self.experiment.clients["timeout_s"])

    def _raise_failures(self):
        for worker in self.workers:
            if worker.failure:
                raise RuntimeError(f"a client failed:\n{worker.failure}")

    def finish(self):
        """Heals, waits for replicas, and reads everything once more."""
        self.progress.say("healing")
        self.nemesis.finish()
        self.facts["heal"] = self.nemesis.heal()
        self.facts["settle"] = self.database.settle(self.experiment.clients["settle_s"])
        for trouble in self.facts["heal"] + self.facts["settle"]:
            self.progress.say(f"not well: {trouble}")
        self.progress.say("final reads")
        alive = self.database.alive()
        self._all_of({name: one.final_operations(self.database.primary, alive)
                      for name, one in self.workloads.items()})
        self.recorder.note("primary", self.database.primary)

    def _all_of(self, operations):
        """Operations, {workload: list}, one after the other, tried again where they failed."""
        for name in sorted(operations):
            for operation in operations[name]:
                # Each by a process of its own, with the number of no client.
                self._readers += 1
                reader = self._worker(FIRST_READER + self._readers, 1)
                for _ in range(TRIES):
                    before = self.recorder.counts["ok"]
                    reader.do(operation)
                    if self.recorder.counts["ok"] > before:
                        break
                    time.sleep(1)
                reader.close()

    def stop_clients(self):
        """Ends the plan and gives operations under way the time they may take."""
        if self.feed is None:
            return
        self.feed.end()
        deadline = time.monotonic() + self.experiment.clients["timeout_s"] + 1
        for worker in self.workers:
            if worker.ident is not None:
                worker.join(max(deadline - time.monotonic(), 0))

    # -- the end ---------------------------------------------------------------------------------

    def close(self):
        """Whatever was made is gone afterwards; called once, in any state."""
        try:
            self.stop_clients()
            if self.nemesis is not None:
                self.nemesis.finish()
            if self.sampler is not None:
                self.sampler.finish()
            if self.recorder is not None:
                self.recorder.close()
            if self.database is not None:
                self.database.stop()
                self.database.collect(self.folder / "nodes")
            if self.network is not None:
                self.network.close()
        finally:
            self.guard.close()

    def check(self):
        if self.recorder is None:
            return None
        report = checker.check(self.folder / "history.jsonl", self.experiment.model)
        (self.folder / "verdict.json").write_text(json.dumps(report, indent=1) + "\n")
        return report


def run(experiment, folder, progress, work_folder=None):
    """Runs an experiment to its Outcome; whatever happens, nothing is left but the folder."""
    checker.program()
    db.class_of(experiment.db).check_installed()
    one, interrupted, begin = Run(experiment, folder, progress, work_folder), False, time.time()
    try:
        try:
            one.prepare()
            one.drive()
            one.finish()
        except KeyboardInterrupt:
            interrupted = True
            progress.say("interrupted; what was recorded is kept")
    finally:
        one.close()
    one.facts |= {"interrupted": interrupted, "took_s": round(time.time() - begin, 1),
                  "counts": one.recorder.counts if one.recorder else {},
                  "left_out": one.feed.left_out if one.feed else 0,
                  "model": experiment.model, "expect": list(experiment.expect),
                  "replay": experiment.command}
    if folder.exists():
        (folder / "run.json").write_text(json.dumps(one.facts, indent=1) + "\n")
    progress.say("checking")
    return Outcome(folder, one.check(), one.facts, interrupted)
