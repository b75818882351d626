"""The checks of exercises: what grading cells call.

What `help` shows of this package and of what it offers is read by students: it comes from the catalogue. It uses the
standard library only.
"""

from .catalogues import say
from .collect import weight
from .expected_errors import raises
from .runner import run_tests
from .whole_notebook import check_notebook

__all__ = ["check_notebook", "raises", "run_tests", "weight"]

__doc__ = say("help.checks").strip()
for _offered in (check_notebook, raises, run_tests, weight):
    _offered.__doc__ = say(f"help.{_offered.__name__}").strip()
