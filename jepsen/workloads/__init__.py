"""What clients do and which invariant their history must keep: one workload a file.

A workload has a table or two, an endless stream of operations that depends on the seed alone, the
statements that carry one out, and final reads for when all is healed. The checker's model is the
experiment's choice; `MODEL` is the weakest that makes the workload worth running.
"""

import importlib

NAMES = ("append", "auto-increment", "bank", "ledger", "predicate", "read-your-writes", "register",
         "set")
EXCLUSIVE = (frozenset(("bank", "predicate")), frozenset(("auto-increment", "read-your-writes")))


class Workload:
    """Base of workloads; one object serves all clients of a run."""

    NAME = ""
    MODEL = "strict-serializable"
    PARAMETERS = {}  # name: default; an experiment may change a value, not its type

    CHOICES = {}  # name: what it may be, where not anything

    dialect = None  # the database's class, for what is not the same SQL everywhere

    def __init__(self, parameters, source):
        self.parameters = self.PARAMETERS | parameters
        self.source = source  # random.Random, for operations() alone

    def tables(self):
        """Statements that make the tables, and fill them."""
        raise NotImplementedError

    def operations(self):
        """An endless iterator of generator.Operation; called once."""
        raise NotImplementedError

    def run(self, session, node, operation):
        """Does it on `node`; returns the value of the `ok`. Raises what the client raises."""
        raise NotImplementedError

    def follow_up(self, operation, value):
        """What the same client does at once after an `ok`: an Operation or None."""
        del operation, value

    def initial_operations(self, primary):
        """Operations for before the clients start, all for the primary."""
        del primary
        return []

    def final_operations(self, primary, nodes):
        """Operations for after the heal, each with the node it is for; nodes are those alive."""
        del primary, nodes
        return []


def module_of(name):
    return importlib.import_module(f"jepsen.workloads.{name.replace('-', '_')}")


def class_of(name):
    return module_of(name).CLASS
