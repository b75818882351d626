"""What a grading worksheet shows of Moodle's limits: what an upload of it would skip or refuse without a word.

Relied on (assign/feedback/offline, Moodle 3.x to 5.x): the upload looks for the headings of the interface's language,
skips rows of participants whom the page does not show, and a workflow hides grades until they are released. A rubric or
a marking guide takes the worksheet off the page: no file shows that.
"""

from collections.abc import Collection, Iterator

from closed_doors.moodle.csv_files import alike
from closed_doors.moodle.people_names import shown
from closed_doors.moodle.worksheet import Worksheet

_LANGUAGES = {"identifier": "English", "identifiant": "French"}
_WORKFLOW = ("workflow", "flux d'évaluation", "flux de l'évaluation", "étape de l'évaluation")
MOST_NAMES = 5


def limits(sheet: Worksheet, known: Collection[str] = ()) -> Iterator[str]:
    """Yield what a person should know before the worksheet is uploaded, a sentence each.

    Args:
        sheet: the worksheet.
        known: numbers of the participants that imports have seen.
    """
    headings = [alike(heading) for heading in sheet.table.header]
    language = next((_LANGUAGES[heading] for heading in headings if heading in _LANGUAGES), None)
    if language is not None:
        yield f"Upload it with Moodle's pages in {language}, as you downloaded it: Moodle finds columns by headings."
    if sheet.columns["name"] is None:
        yield "Names are hidden from graders: participants are told by their numbers only (--id participant)."
    if any(word in heading for heading in headings for word in _WORKFLOW):
        yield (
            "The assignment has a marking workflow: students see a mark when its state is “Released”, which no "
            "worksheet sets; download and upload without a filter of states, or lines are skipped."
        )
    if missing := sorted(set(known) - {row.number for row in sheet.rows}, key=int):
        said = ", ".join(shown(number) for number in missing[:MOST_NAMES]) + ("…" if len(missing) > MOST_NAMES else "")
        yield (
            f"It has no line for {len(missing)} participants whose work was imported ({said}): was it downloaded with "
            "a group or a filter chosen? Moodle leaves such lines out, and skips them at the upload."
        )
    if closed := sum(not row.open for row in sheet.rows):
        yield f"{closed} grades can't be changed in Moodle (locked, or overridden in the gradebook): their lines stay."
