"""The last words of a released notebook: how it is handed in, where its feedback will be, and when.

They are a cell that no master has. Works come back with those of any earlier release, whatever course.toml says by
then, so a rebuild knows all that the cell may say.
"""

import functools
from collections.abc import Iterator, Mapping
from itertools import product

from closed_doors.core.profile import Profile, Serve
from closed_doors.core.wording import Wording, languages, wording
from closed_doors.notebook.cell import cell_of
from closed_doors.notebook.recognise import plain

WHEN = {
    "at once": "at_once",
    "visible until due": "visible_until_due",
    "after marking by hand": "after_marking",
}
NO_SERVER = "published"


def where_feedback_is(profile: Profile, has_exchange: bool) -> str | None:
    """Return what a released notebook says of its feedback, in Markdown; None where nothing is known to be true.

    Args:
        profile: of the course.
        has_exchange: whether nbgrader can take work from students of this course.
    """
    served = ("exchange",) if profile.serve else ()
    ways = frozenset(served if profile.feedback_by is None else profile.feedback_by)
    when = _when(profile.serve) if has_exchange and "exchange" in ways else None
    return _text(wording(profile.language), when, "moodle" in ways)


@functools.cache
def all_that_is_said() -> frozenset[str]:
    """Return everything that such a cell may say, in every language, without what editors change by themselves."""
    return frozenset(plain(text) for language in languages() for text in _texts(wording(language)))


def is_last_words(cell: Mapping[str, object]) -> bool:
    """Whether a cell is such a one, as it was handed out."""
    seen = cell_of(cell)
    return seen.kind == "markdown" and not seen.grade_id and plain(seen.source) in all_that_is_said()


def _texts(words: Wording) -> Iterator[str]:
    for when, moodle in product((None, NO_SERVER, *WHEN.values()), (False, True)):
        if text := _text(words, when, moodle):
            yield text


def _when(serve: Serve | None) -> str:
    return NO_SERVER if serve is None else WHEN[serve.feedback]


def _text(words: Wording, when: str | None, moodle: bool) -> str | None:
    """Return the cell's text.

    Args:
        words: of the language.
        when: feedback comes through the exchange; None where it does not.
        moodle: whether it comes through Moodle.
    """
    lines = []
    if when is not None:
        lines.append(f"- {words.say('where_feedback_is.exchange')} {words.say(f'where_feedback_is.{when}')}")
    if moodle:
        lines.append(f"- {words.say('where_feedback_is.moodle')}")
    return "\n".join((f"**{words.say('where_feedback_is.heading')}**", "", *lines)) if lines else None
