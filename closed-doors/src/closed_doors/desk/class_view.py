"""The whole class over all assignments, and one student's work in each: pages for who may see names."""

import threading
import time
from dataclasses import replace
from functools import partial
from urllib.parse import quote, urlencode

from closed_doors.desk.desk_pages import PAGE, Frame, question_address
from closed_doors.desk.marking_desk import MarkingDesk, Person
from closed_doors.desk.staff_exercises import StaffExercise, read_exercises
from closed_doors.nbgrader.final_marks import read_final_marks
from closed_doors.nbgrader.gradebook_reader import StudentMarks
from closed_doors.pages.dashboard.words_and_thresholds import FigureWording
from closed_doors.pages.feedback.feedback_content import drawn
from closed_doors.pages.feedback.mask_drawing import mask_picture
from closed_doors.pages.html.renderer import render_part
from closed_doors.pages.html.text_as_html import inline
from closed_doors.semester.class_totals import ClassTotals, StudentTotal, read_totals
from closed_doors.semester.totals_files import as_text

FRESH_S = 15.0  # for so long totals are not worked out again
_SIGNS = {"provisional": "*", "ungraded": "?", "absent": "abs", "open": "…"}


class ClassView:
    """Makes these pages; totals of a large class are kept for a moment.

    Args:
        desk: the course's.
    """

    def __init__(self, desk: MarkingDesk) -> None:
        self._desk, self._words = desk, desk.words
        self._lock = threading.Lock()
        self._kept: tuple[float, ClassTotals] | None = None

    def listing(self, frame: Frame, person: Person, page: int, query: str) -> str:
        """Return a page of the class.

        Args:
            frame: what surrounds the page.
            person: who asks.
            page: from 1.
            query: only students whose name or id has this in it.
        """
        totals, wanted = self._totals(), query.strip().casefold()
        chosen = [one for one in totals.students if wanted in f"{_name(one)} {one.student}".casefold()]
        pages = max(-(-len(chosen) // PAGE), 1)
        page = min(max(page, 1), pages)

        def turned(to: int) -> str:
            return f"{frame.at}/class/?{urlencode({'page': to, 'q': query})}"

        return render_part(
            "desk_class.html",
            self._words,
            frame=frame,
            person=person,
            assignments=list(totals.assignments),
            rows=[self._row(one, frame) for one in chosen[(page - 1) * PAGE : page * PAGE]],
            query=query,
            page=page,
            pages=pages,
            before=turned(page - 1) if page > 1 else "",
            after=turned(page + 1) if page < pages else "",
        )

    def student(self, frame: Frame, person: Person, student: str, assignment: str) -> str | None:
        """Return a student's page; None where nobody has that id.

        Args:
            frame: what surrounds the page.
            person: who asks.
            student: nbgrader's id.
            assignment: which work; the first that was handed in where it is empty or unknown.
        """
        totals = self._totals()
        place = next((n for n, one in enumerate(totals.students) if one.student == student), None)
        if place is None:
            return None
        mine = totals.students[place]
        handed_in = [name for name, result in mine.results.items() if result.points is not None]
        if assignment not in mine.results:
            assignment = (handed_in or [*mine.results, ""])[0]
        marks = read_final_marks(self._desk.settings, assignment, (student,)).get(student) if assignment else None
        found = read_exercises(self._desk, assignment, student, ()) if marks else []
        works = [
            {
                "name": name,
                "address": student_address(frame.at, student, name),
                "mark": self._cell(mine, name),
                "current": name == assignment,
            }
            for name in mine.results
        ]
        return render_part(
            "desk_student.html",
            self._words,
            frame=frame,
            person=person,
            name=_name(mine),
            assignment=assignment,
            works=works,
            marks=marks,
            arrived=self._arrived(marks),
            exercises=[self._exercise(one, marks, frame) for one in found if marks],
            before=self._beside(totals, place - 1, frame, assignment),
            after=self._beside(totals, place + 1, frame, assignment),
            inline=inline,
            drawn=drawn,
            mask_picture=partial(mask_picture, words=self._words),
        )

    def _totals(self) -> ClassTotals:
        with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] > FRESH_S:
                self._kept = (time.monotonic(), read_totals(self._desk.settings))
            return self._kept[1]

    def _row(self, one: StudentTotal, frame: Frame) -> dict[str, object]:
        total = "" if one.total is None else as_text(one.total, self._comma) + ("*" if one.provisional else "")
        return {
            "name": _name(one),
            "address": student_address(frame.at, one.student),
            "cells": [self._cell(one, name) for name in one.results],
            "total": total,
        }

    def _cell(self, one: StudentTotal, assignment: str) -> str:
        result = one.results[assignment]
        sign = _SIGNS.get(result.state.value, "")
        text = sign if result.points is None else as_text(result.points, self._comma) + sign
        return text if result.counts or result.points is None else f"({text})"

    @property
    def _comma(self) -> bool:
        return self._words.number(0.5) == "0,5"

    def _arrived(self, marks: StudentMarks | None) -> str:
        if marks is None:
            return ""
        return FigureWording(self._words).arrival(marks.received, marks.deadline, marks.late_s)

    def _exercise(self, one: StaffExercise, marks: StudentMarks, frame: Frame) -> dict[str, object]:
        place = one.question.place
        book = marks.notebooks.get(place.notebook)
        comment = book.comments.get(place.commented) if book else None
        at = question_address(frame.at, one.question)
        return {
            "exercise": one,
            "mark": book.cells.get(place.cell) if book else None,
            "comment": comment.manual if comment else "",
            "address": f"{at}/of/{quote(marks.student, safe='')}",
        }

    def _beside(self, totals: ClassTotals, place: int, frame: Frame, assignment: str) -> str:
        if not 0 <= place < len(totals.students):
            return ""
        return student_address(frame.at, totals.students[place].student, assignment)


def student_address(at: str, student: str, assignment: str = "") -> str:
    """Return the address of a student's page."""
    end = f"?{urlencode({'assignment': assignment})}" if assignment else ""
    return f"{at}/class/{quote(student, safe='')}/{end}"


def plain_frame(frame: Frame) -> Frame:
    """Return a frame for a page on which nothing is marked."""
    return replace(frame, data='{"words": {}, "items": []}')


def _name(one: StudentTotal) -> str:
    return f"{one.first} {one.last}".strip() or one.student
