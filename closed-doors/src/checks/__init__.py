"""The checks of exercises: what grading cells call.

What `help` shows of this package and of what it offers is read by students: it comes from the catalogue. It uses the
standard library only.
"""

from .catalogues import in_every_language, say
from .collect import weight
from .expected_errors import raises
from .runner import run_tests
from .whole_notebook import check_notebook

__all__ = ["check_notebook", "raises", "run_tests", "weight"]


@in_every_language
def _write_help() -> None:
    globals()["__doc__"] = say("help.checks").strip()
    for offered in (check_notebook, raises, run_tests, weight):
        offered.__doc__ = say(f"help.{offered.__name__}").strip()
