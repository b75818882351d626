"""What formgrader's marking page says, in the course's language: the filter `say` of its templates.

    {{ 'formgrader.work_of' | say(number=1, count=30) }}

nbgrader's exporter makes the filter with its own settings at hand (c.HTMLExporter.filters).
"""

from functools import cached_property
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Configurable

from closed_doors.core.wording import Argument, Wording, wording
from closed_doors.nbgrader.settings import course_language


class Say(Configurable):  # type: ignore[misc]
    """Says a sentence of the catalogue."""

    def __call__(self, code: str, **arguments: Argument) -> str:
        """Return the sentence of a code (see `Wording.say`)."""
        return self._words.say(code, **arguments)

    @cached_property
    def _words(self) -> Wording:
        return wording(course_language(Path(CourseDirectory(parent=self).root)))
