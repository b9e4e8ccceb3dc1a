"""Experiments are data: a TOML file says everything a run depends on, the seed included.

    title = "..."                   one line for people
    db = "mariadb"
    duration_s = 30                 of clients and faults; setting up and healing come on top
    seed = 1
    expect = ["lost-commit"]        anomalies that the run is meant to show; only told, never judged

    [topology]                      see TOPOLOGY
    [settings]                      server options, as in my.cnf
    [clients]                       see CLIENTS
    [[clients.phases]]              rate, duration_s: instead of the one rate
    [workloads.NAME]                weight, and the workload's own parameters
    [checker]                       model = "serializable"
    [[faults]]                      kind, first_s, every_s, for_s, and the fault's own parameters

Every error names the file and the key, and what would be right.
"""

import dataclasses
import difflib
import pathlib
import tomllib

from jepsen import checker, db, nemesis, workloads
from jepsen.errors import UserError
from jepsen.generator import Phase

FOLDER = pathlib.Path(__file__).parent / "experiments"
ISOLATIONS = ("read-uncommitted", "read-committed", "repeatable-read", "serializable")

# key: (default, choices or None, least)
TOPOLOGY = {
    "nodes": (3, None, 1),
    "replication": ("async", ("async", "after-sync", "after-commit"), None),
    "semi_sync_timeout_ms": (10_000, None, 1),
    "rejoin": ("apart", ("apart", "rebuild"), None),
    "network": ("auto", ("auto", "namespaces", "proxies"), None),
    "base_port": (0, None, 0),  # of proxies; 0: any that are free
    "disk_mb": (0, None, 0),  # of each node's own small disk; 0: the ordinary one
}
CLIENTS = {
    "concurrency": (10, None, 1),
    "rate": (200.0, None, 0.0),  # operations a second, all clients together
    "isolation": ("repeatable-read", ISOLATIONS, None),
    "timeout_s": (5.0, None, 0.1),
    "settle_s": (30.0, None, 0.0),  # patience with replicas, before the final reads
}
LEAST_DISK_MB = 96


@dataclasses.dataclass(frozen=True)
class FaultPlan:
    kind: str
    first_s: float
    every_s: float
    for_s: float
    parameters: dict


@dataclasses.dataclass(frozen=True)
class Experiment:
    path: pathlib.Path
    title: str
    db: str
    duration_s: float
    seed: int
    expect: tuple
    topology: dict
    settings: dict
    clients: dict
    phases: tuple
    workloads: dict  # name: parameters
    weights: dict  # name: weight
    model: str
    faults: tuple

    @property
    def name(self):
        return self.path.stem

    @property
    def command(self):
        """What runs it again: the same operations and faults, though not the same outcome."""
        known = self.path.parent == FOLDER
        return (f"python3 -m jepsen run {self.name if known else self.path}"
                f" --seed {self.seed} --duration {self.duration_s:g}")


class Table:
    """A TOML table being read: what is not taken in the end was misspelt."""

    def __init__(self, path, name, content):
        self._path, self._name = path, name
        if not isinstance(content, dict):
            raise UserError(f"{path}: {name}: must be a table")
        self._content = dict(content)
        self._known = set()

    def error(self, key, text):
        where = f"{self._name}.{key}" if self._name and key else self._name or key
        return UserError(f"{self._path}: {where}: {text}")

    def keys(self):
        return list(self._content)

    def table(self, key):
        self._known.add(key)
        name = f"{self._name}.{key}" if self._name else key
        return Table(self._path, name, self._content.pop(key, {}))

    def tables(self, key):
        self._known.add(key)
        name = f"{self._name}.{key}" if self._name else key
        content = self._content.pop(key, [])
        if not isinstance(content, list):
            raise self.error(key, f"must be an array of tables: [[{name}]]")
        return [Table(self._path, f"{name}[{at}]", one) for at, one in enumerate(content)]

    def take(self, key, default=None, choices=None, least=None, kind=None):
        """A value of the kind of its default, or of `kind` when it must be given."""
        self._known.add(key)
        kind = kind or type(default)
        if key not in self._content:
            if default is None:
                raise self.error(key, "is missing")
            return default
        value = self._content.pop(key)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:  # a bool is no int
            names = {int: "an integer", float: "a number", str: "a text", bool: "true or false",
                     list: "a list"}
            raise self.error(key, f"must be {names[kind]}, not {value!r}")
        if choices is not None and value not in choices:
            known = ", ".join(map(str, choices))
            raise self.error(key, f"{value!r} is none of {known}{near(value, choices)}")
        if least is not None and value < least:
            raise self.error(key, f"must be at least {least}, not {value}")
        return value

    def rest(self):
        """All that was not taken."""
        left, self._content = self._content, {}
        return left

    def finish(self):
        for key in self._content:
            raise self.error(key, f"unknown key{near(key, self._known)}; "
                             f"known: {', '.join(sorted(self._known))}")


def near(word, words):
    found = difflib.get_close_matches(str(word), [str(one) for one in words], 1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def find(name):
    """The path of an experiment: a file, or the name of one that is shipped."""
    path = pathlib.Path(name)
    if path.suffix == ".toml" or path.exists():
        return path
    shipped = shipped_names()
    if name in shipped:
        return FOLDER / f"{name}.toml"
    raise UserError(f"no experiment {name!r}{near(name, shipped)}; "
                    f"shipped: {', '.join(shipped)}; or give a file.toml")


def shipped_names():
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(path):
    try:
        content = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: {error}") from error
    return read(pathlib.Path(path), content)


def read(path, content):
    """An Experiment from the content of a file; raises UserError."""
    top = Table(path, "", content)
    database = top.take("db", kind=str, choices=db.NAMES)
    duration_s = top.take("duration_s", 30.0, least=1.0)
    topology = _section(top.table("topology"), TOPOLOGY)
    client_table = top.table("clients")
    phases = _phases(client_table.tables("phases"))
    chosen, weights = _workloads(top.table("workloads"))
    experiment = Experiment(
        path=path,
        title=top.take("title", path.stem),
        db=database,
        duration_s=duration_s,
        seed=top.take("seed", 1, least=0),
        expect=tuple(top.take("expect", [])),
        topology=topology,
        settings=_settings(top.table("settings"), db.class_of(database)),
        clients=_section(client_table, CLIENTS),
        phases=phases,
        workloads=chosen,
        weights=weights,
        model=_model(top.table("checker"), chosen),
        faults=tuple(_fault(table) for table in top.tables("faults")))
    top.finish()
    _contradictions(top, experiment)
    if not phases:
        experiment = dataclasses.replace(
            experiment, phases=(Phase(experiment.clients["rate"], duration_s),))
    return experiment


def _section(table, keys):
    values = {key: table.take(key, default, choices, least)
              for key, (default, choices, least) in keys.items()}
    table.finish()
    return values


def _phases(tables):
    phases = []
    for table in tables:
        phases.append(Phase(table.take("rate", least=0.0, kind=float),
                            table.take("duration_s", least=0.1, kind=float)))
        table.finish()
    return tuple(phases)


def _settings(table, database):
    settings = {}
    for key, value in table.rest().items():
        if not isinstance(value, (str, int, float)):
            raise table.error(key, f"must be a text, a number, true or false, not {value!r}")
        if key.replace("_", "-") in database.FIXED_SETTINGS:
            raise table.error(key, "is set by the harness itself")
        settings[key] = {True: "ON", False: "OFF"}[value] if isinstance(value, bool) else value
    return settings


def _workloads(table):
    chosen, weights = {}, {}
    for name in table.keys():
        if name not in workloads.NAMES:
            raise table.error(name, f"unknown workload{near(name, workloads.NAMES)}; "
                              f"known: {', '.join(workloads.NAMES)}")
        own = table.table(name)
        workload = workloads.class_of(name)
        weights[name] = own.take("weight", 1.0, least=0.0)
        chosen[name] = {key: own.take(key, default, workload.CHOICES.get(key))
                        for key, default in workload.PARAMETERS.items()}
        own.finish()
    if not chosen:
        raise table.error("", "name at least one, as [workloads.append]")
    if sum(weights.values()) <= 0:
        raise table.error("", "all weights are zero")
    return chosen, weights


def _model(table, chosen):
    strongest = workloads.class_of(next(iter(chosen))).MODEL
    model = table.take("model", strongest, choices=checker.models())
    table.finish()
    return model


def _fault(table):
    kind = table.take("kind", kind=str, choices=nemesis.KINDS)
    every_s = table.take("every_s", 10.0, least=0.1)
    plan = FaultPlan(
        kind=kind, every_s=every_s,
        first_s=table.take("first_s", every_s / 2, least=0.0),
        for_s=table.take("for_s", every_s / 2, least=0.0),
        parameters={key: table.take(key, default, choices) for key, (default, choices)
                    in nemesis.class_of(kind).PARAMETERS.items()})
    table.finish()
    if plan.for_s >= plan.every_s:
        raise table.error("for_s", f"{plan.for_s} s do not fit into every_s = {plan.every_s} s")
    return plan


def _contradictions(top, experiment):
    topology, kinds = experiment.topology, [fault.kind for fault in experiment.faults]
    if topology["nodes"] > 9:
        raise top.error("topology.nodes", "at most 9")
    if experiment.phases:
        total = sum(phase.duration_s for phase in experiment.phases)
        if total > experiment.duration_s:
            raise top.error("clients.phases", f"take {total} s, which is more than "
                            f"duration_s = {experiment.duration_s}")
    if topology["nodes"] < 2:
        for needing in ("partition", "slow-links", "failover"):
            if needing in kinds:
                raise top.error("topology.nodes", f"the fault {needing} needs at least 2")
        if "read-your-writes" in experiment.workloads:
            raise top.error("topology.nodes", "read-your-writes needs at least 2")
        if topology["replication"] != "async":
            raise top.error("topology.replication",
                            f"{topology['replication']} needs at least 2 nodes")
    if "disk-full" in kinds and topology["disk_mb"] < LEAST_DISK_MB:
        raise top.error("topology.disk_mb",
                        f"the fault disk-full needs a small disk: at least {LEAST_DISK_MB}")
    if "slow-links" in kinds and topology["network"] == "namespaces":
        raise top.error("topology.network", "namespaces cannot slow links down; use proxies")
    for pair in workloads.EXCLUSIVE:
        if pair <= set(experiment.workloads):
            raise top.error("workloads", f"{' and '.join(sorted(pair))} exclude each other: they"
                            " are told to one checker")
    for place, fault in enumerate(experiment.faults):
        if fault.first_s + fault.for_s > experiment.duration_s:
            raise top.error(f"faults[{place}].first_s",
                            "the first occurrence would not end before duration_s")
