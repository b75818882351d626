"""How final marks move, as a table or as JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from closed_doors.classroom.class_summary import Summary
from closed_doors.classroom.mark_preview import Move, alike, as_plain

MOST_MOVES = 200
_COLUMNS = ("student", "automatic", "by hand", "penalty", "final", "out of", "", "why")


def show_moves(console: Console, moves: Sequence[Move], everybody: int) -> None:
    """Print whose final mark moves, who falls most first.

    Args:
        console: where to.
        moves: marks that were there and are others now.
        everybody: how many have a mark.
    """
    if (one := alike(moves, everybody)) is not None and one.before is not None:
        console.print(
            f"everybody: {one.change:+g} of {one.before.maximum:g}, maximum {one.after.maximum:g} "
            f"({'; '.join(one.reasons)})",
            markup=False,
        )
    table = Table(title="Final marks that change", title_justify="left")
    for heading in _COLUMNS:
        table.add_column(heading, justify="left" if heading in ("student", "why") else "right")
    for move in sorted(moves, key=lambda move: (move.change, move.student))[:MOST_MOVES]:
        table.add_row(*_row(move))
    if not moves:
        table.add_row("nobody", *[""] * (len(_COLUMNS) - 1))
    console.print(table)
    falls = sum(move.change < 0 for move in moves)
    rises = sum(move.change > 0 for move in moves)
    more = f" The {MOST_MOVES} that fall most are shown; --json has all." if len(moves) > MOST_MOVES else ""
    if moves:
        console.print(f"{falls} fall, {rises} rise, {len(moves) - falls - rises} have the same final mark.{more}")


def print_json(assignment: str, summary: Summary, recorded: bool, structure: Sequence[str] = ()) -> None:
    """Print what a run did, or would do, on standard output."""
    found: dict[str, object] = {
        "assignment": assignment,
        "recorded": recorded,
        "structure": list(structure),
        "graded": summary.graded,
        "unchanged": summary.unchanged,
        "held": sorted(summary.held),
        "marks": [as_plain(move) for move in sorted(summary.moves, key=lambda move: move.student)],
        **{name: dict(sorted(getattr(summary, name))) for name in ("to_look_at", "refused", "failed", "arrivals")},
        "misplaced": dict(summary.misplaced),
        "paid_unwritten": dict(summary.paid_unwritten),
        "received_csv_fits_nobody": [
            {**asdict(line), "received": line.received.isoformat()} for line in summary.strangers
        ],
    }
    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def _row(move: Move) -> tuple[str, ...]:
    before, after = move.before, move.after
    if before is None:
        before = after
    return (
        move.student,
        _pair(before.automatic, after.automatic),
        _pair(before.by_hand, after.by_hand),
        _pair(before.penalty, after.penalty),
        _pair(before.total, after.total),
        _pair(before.maximum, after.maximum),
        f"{move.change:+g}" if move.change else "same sum",
        "; ".join(move.reasons),
    )


def _pair(before: float, after: float) -> str:
    return f"{after:g}" if before == after else f"{before:g} → {after:g}"
