"""Counters of a grading server in Prometheus's form; courses and assignments are named, people never."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from closed_doors.nbgrader.hand_in_queue import State

SECONDS = (0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 30, 60, 300, 1800)


class ServerMetrics:
    """All that a server counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        names = ("course", "assignment")
        self.handed_in = Counter("closed_doors_handed_in", "Hand-ins taken.", names, registry=self._registry)
        self.ended = Counter("closed_doors_jobs", "Attempts, by outcome.", (*names, "outcome"), registry=self._registry)
        self.told = Counter(
            "closed_doors_pages", "Hand-ins of which students can read more.", names, registry=self._registry
        )
        self.seconds = Histogram(
            "closed_doors_feedback_seconds",
            "From a hand-in to the page that its student can read.",
            names,
            buckets=SECONDS,
            registry=self._registry,
        )
        self.refused = Gauge(
            "closed_doors_refused",
            "Folders in the exchange that are not whose they say.",
            ("course",),
            registry=self._registry,
        )
        self._waiting = Gauge("closed_doors_queue", "Jobs, by state.", (*names, "state"), registry=self._registry)

    def text(self, queues: Mapping[str, Mapping[tuple[str, State], int]]) -> bytes:
        """Return everything in Prometheus's text form.

        Args:
            queues: how many jobs there are, by course, assignment and state.
        """
        self._waiting.clear()
        for course, counts in queues.items():
            for (assignment, state), count in counts.items():
                self._waiting.labels(course, assignment, state.value).set(count)
        return generate_latest(self._registry)
