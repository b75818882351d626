"""Where the cells of a submission stand among those of its master.

The master's cells keep the master's order, whatever the student did. A cell of the student's own, and each copy of an
answer that was split or duplicated, stands where the student had it: behind the cell of the master that it stood
behind, among those that were not moved. What stood right before an answer that comes up to its place comes with it, as
the answer may need it; and what stood on top stands before the first of the master's cells that is there.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Placement:
    """Which submitted cell goes where; cells are named by their position in the submission.

    Attributes:
        answers: the cell that counts as an answer, by grade_id.
        added: all other cells of the student's, by the grade_id of the cell that they follow; None at the top.
    """

    answers: dict[str, int] = field(default_factory=dict)
    added: dict[str | None, list[int]] = field(default_factory=dict)


def place(names: Sequence[str | None], order: Mapping[str, int], answers: frozenset[str]) -> Placement:
    """Place the cells of a submission.

    Args:
        names: the grade_id of each submitted cell; None for one of the student's own.
        order: the position of each cell in the master, by grade_id.
        answers: the grade_ids of answer cells.

    Returns:
        The placement. `added` holds locked cells too, each where it stood, for what was written in it.
    """
    locked = [(at, order[name]) for at, name in enumerate(names) if name and name in order and name not in answers]
    kept = longest_rise(locked)
    placement = Placement()
    for answer in answers:
        copies = [at for at, name in enumerate(names) if name == answer]
        if copies:
            placement.answers[answer] = counting(copies, order[answer], kept)
    chosen = [(at, order[answer]) for answer, at in placement.answers.items()]
    at_home = dict(longest_rise(sorted(kept + chosen)))
    in_order = sorted(order, key=order.__getitem__)
    before = dict(_coming_up(chosen, at_home, in_order))
    first = min(at_home.values(), default=0)
    on_top = in_order[first - 1] if first else None
    placement.added = _followers(names, frozenset(at_home), frozenset(placement.answers.values()), before, on_top)
    return placement


def _coming_up(
    chosen: Sequence[tuple[int, int]], at_home: Mapping[int, int], in_order: Sequence[str]
) -> Iterator[tuple[int, str | None]]:
    """Yield the answers that stand below their place, each with the cell of the master before that place."""
    for at, rank in chosen:
        if any(above < at and other > rank for above, other in at_home.items()):
            yield at, in_order[rank - 1] if rank else None


def longest_rise(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest part of a sequence whose second members rise: of cells, those that were not moved."""
    ends: list[int] = []  # the lowest last rank of a rise of each length
    last: list[int] = []  # and where it stands
    before: list[int] = []  # what stands before each place in its rise
    for position, (_, rank) in enumerate(places):
        length = bisect_left(ends, rank)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(rank)
            last.append(position)
        else:
            ends[length], last[length] = rank, position
    rise = []
    position = last[-1] if last else -1
    while position >= 0:
        rise.append(places[position])
        position = before[position]
    return rise[::-1]


def _followers(
    names: Sequence[str | None],
    at_home: frozenset[int],
    counting_ones: frozenset[int],
    before: Mapping[int, str | None],
    on_top: str | None,
) -> dict[str | None, list[int]]:
    """Return the cells that don't count as answers, by the cell of the master that they follow.

    Args:
        names: the grade_id of each submitted cell.
        at_home: the cells that were not moved.
        counting_ones: those that count as answers.
        before: what stands in the master before each answer that comes up.
        on_top: what stands in the master before the first cell that was not moved.
    """
    followers: dict[str | None, list[int]] = {}
    anchor = on_top
    waiting: list[int] = []  # cells of the student's own since the last one of the master's
    for at, name in enumerate(names):
        if at in counting_ones or name is not None:
            followers.setdefault(before.get(at, anchor), []).extend(waiting)
            waiting = []
        if at in at_home:
            anchor = name
        if name is None:
            waiting.append(at)
        elif at not in counting_ones:
            followers.setdefault(anchor, []).append(at)
    followers.setdefault(anchor, []).extend(waiting)
    return {name: there for name, there in followers.items() if there}


def counting(copies: Sequence[int], rank: int, kept: Sequence[tuple[int, int]]) -> int:
    """Return the copy of an answer that counts: the last before the next cell of the master, or else the last."""
    limit = next((at for at, other in kept if other > rank), None)
    before = [at for at in copies if limit is None or at < limit]
    return (before or copies)[-1]
