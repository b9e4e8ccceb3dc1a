"""Experiments on real clusters of database servers: clients, faults, a history, a verdict.

Parts bear the names of Jepsen's protocols (Kingsbury): db, client, generator, nemesis, workloads,
checker. README.md tells how they play together.
"""
