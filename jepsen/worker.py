"""A client thread: takes operations that are due, does them, and records what became of them.

After an unknown outcome the thread goes on as a new process with new connections, since the old one
may, for all anybody knows, still be busy with its operation.
"""

import threading
import time
import traceback

from jepsen import client

LATE_S = 1.0  # operations that would start later than that after they are due are left out

class Worker(threading.Thread):
    """`process` numbers are number, number + workers, number + 2 workers, ..."""

    def __init__(self, number, workers, feed, workloads, cluster, recorder, session):
        super().__init__(name=f"client-{number}", daemon=True)
        self._process = number
        self._workers = workers
        self._feed = feed
        self._workloads = workloads
        self._cluster = cluster
        self._recorder = recorder
        self._session = session
        self.failure = None  # a mistake in the harness, as text

    def run(self):
        begin_s = self._recorder.elapsed_s()
        try:
            while (planned := self._next(begin_s)) is not None:
                due, operation = planned
                time.sleep(max(begin_s + due - self._recorder.elapsed_s(), 0))
                while operation is not None:
                    operation = self.do(operation)
        except Exception:  # pylint: disable=broad-except
            self.failure = traceback.format_exc()
            self._feed.end()
        finally:
            self._session.close()

    def _next(self, begin_s):
        return self._feed.next(self._recorder.elapsed_s() - begin_s - LATE_S)

    def do(self, operation):
        """Does one operation; returns what follows on it, an Operation or None."""
        node = self._cluster.node_for(operation)
        workload = self._workloads[operation.workload]
        self._recorder.invoke(self._process, operation.f, operation.value, node=node)
        try:
            value = workload.run(self._session, node, operation)
        except client.FAILURES as error:
            kind = client.outcome_of(error, self._session.stage, operation.read_only)
            self._recorder.complete(self._process, kind, operation.f, operation.value, node=node,
                                    error=client.describe(error))
            if client.is_mistake(error):
                raise
            self._session.recover(node, error)
            if kind == "info":
                self._session.close()
                self._process += self._workers
            return None
        self._recorder.complete(self._process, "ok", operation.f, value, node=node)
        return workload.follow_up(operation, value)

    def close(self):
        """For one that was never started: its connections."""
        self._session.close()
