"""Which cells pay for answers that nobody has written: a reason to look at the test, and no student's fault."""

from collections.abc import Iterable, Iterator, Mapping

from closed_doors.nbgrader.gradebook_structure import Place
from closed_doors.nbgrader.gradebook_writer import Entry
from closed_doors.notebook.cell import cells_of
from closed_doors.notebook.hidden_regions import Stubs
from closed_doors.notebook.json_files import Notebook


class UnwrittenAnswers:
    """What answers are as they are handed out, and who judges them.

    Args:
        masters: the instructor's notebooks by name.
        stubs: what students find where a solution stood.
        judged: the answers that each graded cell judges, as `judged_answers` gives them.
    """

    def __init__(
        self, masters: Iterable[tuple[str, Notebook]], stubs: Stubs, judged: Mapping[Place, tuple[str, ...]]
    ) -> None:
        self._judged = judged
        self._handed_out = {
            (name, cell.grade_id): cell.checksum
            for name, master in masters
            for cell in cells_of(stubs.untouched(master))
            if cell.is_answer
        }

    def paid(self, entry: Entry) -> Iterator[tuple[Place, float]]:
        """Yield the cells that pay a work for answers that are as they were handed out, with the points.

        An answer may stand in a cell of the student's own; then nobody can say that it was paid for nothing.
        """
        for place, answers in self._judged.items():
            if place[0] in entry.with_own_code:
                continue
            given = entry.grades.get(place)
            points = given.score if given else None
            if points and answers and all(self._is_untouched(entry, (place[0], answer)) for answer in answers):
                yield place, points

    def _is_untouched(self, entry: Entry, answer: Place) -> bool:
        checksum = entry.checksums.get(answer)
        return checksum is not None and checksum == self._handed_out.get(answer)
