"""How far a long piece of work is: a room says it, the command line shows it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

# Called as work goes on: how much is done, of how much.
Progress = Callable[[int, int], None]
# Shows how far work of this name is, while it lasts.
ShowProgress = Callable[[str], AbstractContextManager[Progress]]


def silent(_done: int, _total: int) -> None:
    """Show nothing."""
