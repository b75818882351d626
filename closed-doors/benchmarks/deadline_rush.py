"""Simulates the last hour before a deadline: many students, machines that grade, and a real queue in PostgreSQL.

    python closed-doors/benchmarks/deadline_rush.py [--students 50000] [--machines 20] [--by-http] [--json]
    python closed-doors/benchmarks/deadline_rush.py --record  # first measures anew what steps cost, on this machine

Time is virtual: the clock jumps from event to event, and a step takes what it took when it was recorded
(rush_costs.json names machine and day). The queue is real: every hand-in is a row of a PostgreSQL that this program
starts, every machine claims and finishes by `HandInQueue` under a name of its own, and what each call costs is what the
simulated machine waits for it. So the tables are as full, and as much waits in them, as would at that moment. This goes
for the last hand-ins before the deadline, `--real` of them; those before are entered as graded at once.

Costs are processor time, and as many waits for a disk as there were, so that a busy machine measures the same as an
idle one. Not simulated: the network, looking through an exchange's folder that has many thousand hand-ins, and that
the server which takes from it has a processor less for grading meanwhile.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import machine
import msgspec
import rush_costs
from rush_costs import BATCH
from rush_hour import HOUR_S, Outcome, RushHour, Setup, arrivals
from rush_queue import PaperQueue, RushQueue
from served_class import database
from work_clock import work_clock

QUANTILES = (50, 90, 95, 99)
LAST_S = 300.0
RELAXED = "synchronous_commit=off"  # waits for the disk are part of the virtual time, by their number


def simulate(setup: Setup, costs: rush_costs.Costs, kind: str, real: int) -> tuple[Outcome, dict[str, object]]:
    """Let the hour pass, and return what came of it, with its figures."""
    arrived, paper = arrivals(setup), PaperQueue(costs.claim.total_s(0) + costs.fsync_s)
    if kind == "none":
        outcome = RushHour(setup, costs, arrived, paper).run()
        return outcome, summary(setup, outcome)
    first = max(0, setup.students - real)
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as name,
        database(kind, Path(name), RELAXED) as url,
        work_clock() as clock,
    ):
        queue = RushQueue(url, arrived, first, setup.machines, clock, paper, costs.fsync_s)
        outcome = RushHour(setup, costs, arrived, queue).run()
        calls = {f"{call}_s": percentiles([cost.total_s(0) for cost in found]) for call, found in queue.costs.items()}
        return outcome, summary(setup, outcome) | calls | {"works in the real queue": queue.close()}


def summary(setup: Setup, outcome: Outcome) -> dict[str, object]:
    """Return the figures of a run."""
    waited = [told - arrived for arrived, told in zip(outcome.arrived, outcome.told, strict=True)]
    last = [wait for arrived, wait in zip(outcome.arrived, waited, strict=True) if arrived > HOUR_S - LAST_S]
    taken = [taken - arrived for arrived, taken in zip(outcome.arrived, outcome.taken, strict=True)]
    hours = setup.machines * max(HOUR_S, *outcome.told) / HOUR_S
    return {
        "hand-ins": setup.students,
        "come by": "HTTP" if setup.by_http else "the exchange",
        "machines": f"{setup.machines}, {setup.slots} processors each",
        "hand-ins a second in the last minute": sum(each > HOUR_S - 60 for each in outcome.arrived) / 60,
        "from hand-in to page_s": percentiles(waited),
        "the same, of the last five minutes_s": percentiles(last),
        "from hand-in to queue_s": percentiles(taken),
        "most that waited in the queue": outcome.longest,
        "last page after the deadline_s": max(outcome.told) - HOUR_S,
        "machine hours": hours,
        "of them at work": outcome.busy_s / HOUR_S / setup.slots,
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return what so many of a hundred do not exceed."""
    cut = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else list(seconds) * 99
    return {**{f"p{q}": cut[q - 1] for q in QUANTILES}, "longest": max(seconds)} if seconds else {}


def limits(costs: rush_costs.Costs, setup: Setup) -> dict[str, float]:
    """Return how many works a second each part can do at most, by what was recorded."""
    fsync_s = costs.fsync_s
    work_s = statistics.mean(costs.grading_s) + costs.work.total_s(fsync_s)
    return {
        "one server takes from the exchange": 1 / costs.exchange.total_s(fsync_s),
        "all machines grade, record and make pages": setup.machines * setup.slots / work_s,
        "one thread of a server records": 1 / (costs.record.total_s(fsync_s) + fsync_s),
        "PostgreSQL's processors answer": setup.database_processors / costs.work.database_s,
        "course autograde records, fifty a transaction": BATCH / (costs.record_batch.total_s(fsync_s) + fsync_s),
    }


def draw(outcome: Outcome, path: Path) -> None:
    """Draw arrivals, and what students wait, by the minute in which they hand in."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    sns.set_theme(style="whitegrid", palette="colorblind")
    by_minute: dict[int, list[float]] = {}
    for arrived, told in zip(outcome.arrived, outcome.told, strict=True):
        by_minute.setdefault(int(arrived // 60) - 60, []).append(told - arrived)
    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(7, 5.6), layout="constrained")
    sns.lineplot(x=list(by_minute), y=[len(waits) / 60 for waits in by_minute.values()], ax=above)
    above.set(ylabel="hand-ins a second", ylim=(0, None))
    for q in (50, 95, 99):
        y = [percentiles(waits)[f"p{q}"] for waits in by_minute.values()]
        sns.lineplot(x=list(by_minute), y=y, ax=below, label=f"{q} % wait no longer")
    below.set(ylabel="seconds to the page", xlabel="minutes to the deadline", ylim=(0, None))
    figure.savefig(path, dpi=120)


def rounded(value: object) -> object:
    """Return figures as people read them."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return float(f"{value:.3g}") if isinstance(value, float) else value


def main() -> None:
    """Simulate, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    machine.add_course_option(parser)
    parser.add_argument("--record", action="store_true", help="measure what steps cost here, into rush_costs.json")
    parser.add_argument("--rows", type=int, default=50_000, help="students in the gradebook while that is measured")
    parser.add_argument("--students", type=int, default=50_000)
    parser.add_argument("--real", type=int, default=5000, help="so many, the last ones, go through the real queue")
    parser.add_argument("--machines", type=int, default=20)
    parser.add_argument("--slots", type=int, default=2, help="processors of a machine")
    parser.add_argument("--rise", type=float, default=15.0, help="minutes in which the rate grows by a factor of e")
    parser.add_argument("--database", default="postgresql", choices=("postgresql", "sqlite", "none"))
    parser.add_argument("--database-processors", type=int, default=8)
    parser.add_argument("--by-http", action="store_true", help="hand-ins come by HTTP, not by the exchange")
    parser.add_argument("--fsync", type=float, metavar="MS", help="milliseconds that disks take to keep something")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--figure", type=Path, help="draw arrivals and waiting times")
    given = parser.parse_args()
    costs = rush_costs.record(given.course, given.rows, 24) if given.record else rush_costs.recorded()
    if given.fsync is not None:
        costs = msgspec.structs.replace(costs, fsync_s=given.fsync / 1000)
    setup = Setup(
        given.students, given.machines, given.slots, 60 * given.rise, given.database_processors, given.by_http
    )
    begun = time.monotonic()
    outcome, figures = simulate(setup, costs, given.database, given.real)
    figures["the most a second"] = limits(costs, setup)
    figures["simulated on"] = f"{machine.name()}, in {time.monotonic() - begun:.0f} s"
    figures["costs recorded on"] = f"{costs.machine}, {costs.date}, with {costs.rows} students"
    if given.figure:
        draw(outcome, given.figure)
    if given.json:
        print(json.dumps(rounded(figures), indent=1))
        return
    for name, value in figures.items():
        shown = rounded(value)
        inner = ", ".join(f"{part} {figure}" for part, figure in shown.items()) if isinstance(shown, dict) else shown
        print(f"{name:38} {inner}")


if __name__ == "__main__":
    main()
