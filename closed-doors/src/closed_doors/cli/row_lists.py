"""Lists on the terminal: names, each with a reason, under a title."""

from collections.abc import Iterable

from rich.console import Console

MOST_ROWS = 60


def list_rows(console: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print names with the reasons, under a title; nothing where there are none."""
    there = list(rows)
    if not there:
        return
    console.print(f"{title}:")
    for name, why in there[:MOST_ROWS]:
        console.print(f"  {name}: {why}" if why else f"  {name}", markup=False, soft_wrap=True)
    if len(there) > MOST_ROWS:
        console.print(f"  … and {len(there) - MOST_ROWS} more.")


def count(number: int, thing: str) -> str:
    """Return a number with its noun."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
