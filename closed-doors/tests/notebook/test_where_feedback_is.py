"""The last words of a released notebook: true in each mode, and no trouble when the work comes back."""

import copy

import nbformat
import pytest

from closed_doors.core.profile import Profile, Serve
from closed_doors.core.wording import wording
from closed_doors.notebook.rebuild import KnownMaster, rebuild
from closed_doors.notebook.where_feedback_is import all_that_is_said, is_last_words, where_feedback_is
from support.honest_work import MASTER, STUBS, handed_in

AT_ONCE, UNTIL_DUE, BY_HAND = (Serve(feedback=f) for f in ("at once", "visible until due", "after marking by hand"))
EXCHANGE = {"published", "at_once", "visible_until_due", "after_marking"}


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (Profile(), None),
        (Profile(feedback_by=()), None),
        (Profile(feedback_by=(), serve=AT_ONCE), None),
        (Profile(feedback_by=("exchange",)), {"exchange", "published"}),
        (Profile(feedback_by=("moodle",)), {"moodle"}),
        (Profile(feedback_by=("moodle",), serve=AT_ONCE), {"moodle"}),
        (Profile(feedback_by=("exchange", "moodle")), {"exchange", "published", "moodle"}),
        (Profile(serve=AT_ONCE), {"exchange", "at_once"}),
        (Profile(serve=UNTIL_DUE), {"exchange", "visible_until_due"}),
        (Profile(serve=BY_HAND, feedback_by=("exchange", "moodle")), {"exchange", "after_marking", "moodle"}),
        (Profile(serve=BY_HAND, language="en"), {"exchange", "after_marking"}),
    ],
)
def test_what_is_said_is_what_the_course_does(profile: Profile, said: set[str] | None) -> None:
    """Each way and each policy has its own sentence, and no other is there; nothing is said where nothing is known."""
    words = wording(profile.language)
    text = where_feedback_is(profile, has_exchange=True)
    found = {one for one in EXCHANGE | {"exchange", "moodle"} if words.say(f"where_feedback_is.{one}") in (text or "")}
    assert (found if text else None) == said


def test_nothing_is_said_of_an_exchange_that_takes_nothing() -> None:
    """Without a course_id nobody can hand in by nbgrader, whatever course.toml says."""
    assert where_feedback_is(Profile(serve=AT_ONCE), has_exchange=False) is None
    text = where_feedback_is(Profile(feedback_by=("exchange", "moodle")), has_exchange=False)
    assert "Submit" not in (text or "Submit")


@pytest.mark.parametrize("text", sorted(all_that_is_said()))
def test_the_last_words_come_back_for_nothing(text: str) -> None:
    """A work with any release's last words is rebuilt as without them, and is as blank as without them."""
    work = handed_in()
    said = copy.deepcopy(work)
    said["cells"].append(nbformat.v4.new_markdown_cell(text.replace("\n", " \r\n") + "\n"))
    assert is_last_words(said["cells"][-1])
    assert rebuild(MASTER, said, STUBS) == rebuild(MASTER, work, STUBS)
    known = KnownMaster(MASTER, STUBS)
    assert known.is_blank(said) == known.is_blank(work)


def test_what_a_student_writes_there_is_seen() -> None:
    """Last words that were changed are a cell of the student's own, as any other text is."""
    work = handed_in()
    work["cells"].append(nbformat.v4.new_markdown_cell(f"{min(all_that_is_said())}\n\nMa réponse à la question."))
    assert not is_last_words(work["cells"][-1])
    assert "Ma réponse à la question." in str(rebuild(MASTER, work, STUBS).notebook)
