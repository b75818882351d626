"""The desk's pages as HTML, and what its script asks for as plain data. No name leaves here that is to be kept."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from urllib.parse import quote, urlencode

from closed_doors.core.wording import Wording
from closed_doors.desk.marking_desk import MarkingDesk, Person, Pile, master_items
from closed_doors.desk.questions import Question
from closed_doors.desk.staff_exercises import read_exercises
from closed_doors.desk.written_answers import Part, masked_text, name_mask, read_parts
from closed_doors.nbgrader import desk_records as records
from closed_doors.nbgrader.marking_store import Given, ItemPoints, Marking
from closed_doors.pages.feedback.feedback_content import drawn
from closed_doors.pages.feedback.mask_drawing import mask_picture
from closed_doors.pages.html.renderer import render_part
from closed_doors.pages.html.text_as_html import inline, markdown

PAGE = 50
MOST_LIKE = 40  # answers shown together
KEYS = ("1", "h", "a", "0", "n", "p", "s", "f", "u", "c", "m", "x", "v", "g", "?")
_SCRIPT_WORDS = (
    *("desk.saved", "desk.offline", "desk.back_online", "desk.session_over", "desk.kept_here"),
    *("desk.not_a_number", "desk.too_high", "desk.items_make", "desk.fixed_at", "desk.not_marked", "desk.moved"),
    *("desk.all_marked", "desk.nothing_to_undo", "desk.undone", "desk.flagged", "desk.met", "desk.half"),
    *("desk.comment_kept", "desk.drop_comment", "desk.line", "desk.memo_mode", "desk.conflicts", "desk.would_change"),
    *("desk.skipped", "desk.answered", "desk.shared", "desk.group_done", "desk.group_moved", "desk.pick_some"),
    *("desk.no_flag", "desk.failed", "desk.no_before", "desk.give_a_mark"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page.

    Attributes:
        at: the desk's address, without a slash at its end.
        style: address of the style sheet.
        script: address of the script.
        token: what a form sends back, so that no other site sends it.
        nonce: what style and script are known by in the page's policy.
    """

    at: str
    style: str
    script: str
    token: str
    nonce: str
    question: str = ""
    data: str = ""

    @property
    def home(self) -> str:
        """The address of the list of questions."""
        return f"{self.at}/"


def new_nonce() -> str:
    """Return what nobody can guess."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class _ShownItem:
    key: str
    label: str
    text: str
    points: float
    halves: bool
    master: str


class DeskPages:
    """Makes the pages of one desk for one person.

    Args:
        desk: the desk.
        person: who sits at it.
        frame: what surrounds the pages.
    """

    def __init__(self, desk: MarkingDesk, person: Person, frame: Frame) -> None:
        self._desk, self._person, self._frame = desk, person, frame
        self._words: Wording = desk.words

    def home(self) -> str:
        """Return the list of questions."""
        by_assignment: dict[str, list[dict[str, object]]] = {}
        for line in self._desk.lines(self._person):
            at = question_address(self._frame.at, line.question)
            row = {"line": line, "address": f"{at}/", "next": f"{at}/next"}
            by_assignment.setdefault(line.question.place.assignment, []).append(row)
        assignments = []
        with self._desk.gradebook() as db:
            for name, lines in by_assignment.items():
                still_open = sum(not one.answer for one in records.requests_in(db, name))
                at = f"{self._frame.at}/%s/{quote(name, safe='')}"
                assignments.append(
                    {
                        "name": name,
                        "lines": lines,
                        "shares": at % "shares",
                        "requests": at % "requests",
                        "open_requests": still_open,
                    }
                )
        return self._page("desk_home.html", assignments=assignments, anonymous=self._desk.facts().anonymous)

    def listing(self, question: Question, page: int, only: str) -> str:
        """Return a page of the answers to a question.

        Args:
            question: which question.
            page: from 1.
            only: pending, flagged, mine, or nothing for all.
        """
        pile = self._desk.pile(question)
        self._desk.likes.of(question, pile.markings)
        at = question_address(self._frame.at, question)
        chosen = self._chosen(pile, only)
        pages = max(-(-len(chosen) // PAGE), 1)
        page = min(max(page, 1), pages)
        following = pile.to_mark(self._person)
        second = self._desk.second_pile(pile, self._person)
        agreement = self._desk.agreement(pile)
        filters = [
            {
                "label": self._words.say(f"desk.filter_{name or 'all'}"),
                "address": f"{at}/?only={name}",
                "current": name == only,
            }
            for name in ("", "pending", "flagged", "mine")
        ]

        def turned(to: int) -> str:
            return f"{at}/?{urlencode({'page': to, 'only': only})}"

        return self._page(
            "desk_question.html",
            question,
            pile=pile,
            count=len(pile.markings),
            mine=sum(one.pending for one in pile.share_of(self._person)),
            next_address=f"{at}/a/{following.answer}" if following else "",
            total=_total(pile.items),
            items=self._items(pile),
            differs=pile.items != master_items(question),
            agreement=agreement,
            apart=[
                {
                    "address": f"{at}/a/{one.answer}",
                    "name": self._name(pile, one),
                    "first": one.score or 0.0,
                    "second": other.points,
                    "marker": one.marker,
                    "other": other.marker,
                }
                for one, other in agreement.apart
            ],
            second_address=f"{at}/a/{second[0].answer}?second=1" if second else "",
            second_left=len(second),
            filters=filters,
            rows=[self._row(pile, one, at) for one in chosen[(page - 1) * PAGE : page * PAGE]],
            page=page,
            pages=pages,
            before=turned(page - 1) if page > 1 else "",
            after=turned(page + 1) if page < pages else "",
        )

    def answer(self, question: Question, pile: Pile, marking: Marking, second: bool) -> str:
        """Return the page on which an answer is marked."""
        remarks = markdown(question.scheme.remarks, self._words) if question.scheme.remarks else ""
        card = [(key, self._words.say(f"desk.key_{_key_name(key)}")) for key in KEYS]
        return self._page(
            "desk_answer.html",
            question,
            pile,
            second,
            statement=markdown(question.statement, self._words),
            items=self._items(pile),
            total=_total(pile.items),
            remarks=remarks,
            second=second,
            card=card,
            **self._answer(question, pile, marking, second),
        )

    def answer_part(self, question: Question, pile: Pile, marking: Marking, second: bool) -> str:
        """Return the part of that page which changes from answer to answer."""
        return render_part(
            "desk_answer_part.html", self._words, **self._answer(question, pile, marking, second), question=question
        )

    def work(self, question: Question, pile: Pile, marking: Marking) -> str:
        """Return what the same student did elsewhere: criteria, hidden ones with what they saw, answers, figures."""
        names, notebook = self._kept(pile, marking), question.place.notebook
        found = read_exercises(self._desk, question.place.assignment, marking.student, names)
        others = [
            exercise
            for exercise in found
            if exercise.question.place.notebook == notebook and (exercise.question != question or exercise.criteria)
        ]
        drawing = {"drawn": drawn, "mask_picture": partial(mask_picture, words=self._words)}
        return render_part("desk_work_part.html", self._words, exercises=others, inline=inline, **drawing)

    def group(self, question: Question, pile: Pile, marking: Marking) -> str:
        """Return the page on which like answers are marked together."""
        groups = self._desk.likes.of(question, pile.markings) or {}
        known = {one.answer: one for one in pile.markings}
        together = [known[answer] for answer in groups.get(marking.answer, ()) if answer in known] or [marking]
        together.sort(key=lambda one: (one.answer != marking.answer, not one.pending))
        at = question_address(self._frame.at, question)
        rows = [
            {
                "answer": one.answer,
                "token": one.token,
                "name": self._name(pile, one),
                "pending": one.pending,
                "comment": one.given.comment,
                "flagged": one.given.flagged,
                "state": self._state(one),
                "parts": self._parts(pile, one),
            }
            for one in together[:MOST_LIKE]
        ]
        return self._page(
            "desk_group.html",
            question,
            pile,
            rows=rows,
            items=self._items(pile),
            address=f"{at}/group/{marking.answer}",
            back=f"{at}/a/{marking.answer}",
        )

    def shares(self, assignment: str) -> str:
        """Return who marks which part of the class, and how far each is."""
        found = self._desk.progress(assignment)
        rows = [{"marker": marker, "done": done, "count": count} for marker, (done, count) in sorted(found.items())]
        people = [each.name for each in self._desk.facts().people] or [self._person.name]
        return self._page(
            "desk_shares.html",
            assignment=assignment,
            shares=rows,
            markers="\n".join(found or people),
            address=f"{self._frame.at}/shares/{quote(assignment, safe='')}",
        )

    def requests(self, assignment: str) -> str:
        """Return the students' requests for another look, those without an answer first."""
        with self._desk.gradebook() as db:
            found = records.requests_in(db, assignment)
        piles = [self._desk.pile(question) for question in self._desk.questions(assignment) if question.by_person]
        rows = [self._request_row(one, piles) for one in sorted(found, key=lambda each: bool(each.answer))]
        return self._page("desk_requests.html", assignment=assignment, requests=rows)

    def refused(self, code: str, **arguments: str | int | float) -> str:
        """Return a page that says why there is no other."""
        return self._page("desk_refused.html", text=self._words.say(code, **arguments))

    def state(self, pile: Pile, marking: Marking) -> dict[str, object]:
        """Return what the script needs to know of an answer."""
        given = marking.given
        return {
            "id": marking.answer,
            "token": marking.token,
            "met": dict(given.met),
            "free": given.free,
            "comment": given.comment,
            "flagged": given.flagged,
            "marked": given.marked,
            "said": self._said_of(marking),
            "progress": self._progress(pile),
        }

    def _answer(self, question: Question, pile: Pile, marking: Marking, second: bool) -> dict[str, object]:
        at = question_address(self._frame.at, question)
        groups = self._desk.likes.of(question, pile.markings)
        with self._desk.gradebook() as db:
            asked = records.requests_in(db, question.place.assignment, marking.student)
        state = self.state(pile, marking)
        if second:  # read without knowing the first mark
            state |= {"met": {}, "free": None, "comment": "", "flagged": False, "marked": False, "said": ""}
        return {
            "state": json.dumps(state, ensure_ascii=False),
            "number": pile.number(marking.answer),
            "count": len(pile.markings),
            "name": _called(marking) if pile.named and not second else "",
            "progress": self._progress(pile),
            "changed": marking.given.marked and marking.pending and not second,
            "said_by": "" if second else self._said_by(marking),
            "requests": [] if second else [self._request(one, self._kept(pile, marking)) for one in asked],
            "parts": self._parts(pile, marking),
            "like_count": 0 if groups is None else len(groups.get(marking.answer, ("",))) if not second else 1,
            "like_address": f"{at}/group/{marking.answer}",
        }

    def _request(self, one: records.StudentRequest, kept: Sequence[str]) -> dict[str, object]:
        state = ""
        if one.answered:
            state = self._words.say(
                "desk.request_answered",
                name=one.marker,
                when=f"{one.answered.replace(tzinfo=UTC).astimezone():%d/%m %H:%M}",
            )
        return {
            "number": one.number,
            "text": masked_text(one.text, name_mask(kept)),
            "answer": one.answer,
            "state": state,
            "address": f"{self._frame.at}/requests/{quote(one.assignment, safe='')}/{one.number}",
        }

    def _request_row(self, one: records.StudentRequest, piles: Sequence[Pile]) -> dict[str, object]:
        """Return a request with the answers that it may be about, and its student's name where that may be shown."""
        theirs = [(pile, each) for pile in piles for each in pile.markings if each.student == one.student]
        links = [
            {
                "title": pile.question.title,
                "address": f"{question_address(self._frame.at, pile.question)}/a/{each.answer}",
            }
            for pile, each in theirs
        ]
        named, name = all(pile.named for pile in piles), one.student
        kept: tuple[str, ...] = (one.student,)
        if theirs:
            kept = _names_of(theirs[0][1])
            name = _called(theirs[0][1]) if named else self._name(*theirs[0])
        elif not named:
            name = self._words.say("desk.request")
        return {"name": name, "links": links, **self._request(one, () if named else kept)}

    def _chosen(self, pile: Pile, only: str) -> Sequence[Marking]:
        match only:
            case "pending":
                return [one for one in pile.markings if one.pending]
            case "flagged":
                return [one for one in pile.markings if one.given.flagged]
            case "mine":
                return pile.share_of(self._person)
        return pile.markings

    def _row(self, pile: Pile, one: Marking, at: str) -> dict[str, object]:
        return {
            "address": f"{at}/a/{one.answer}",
            "name": self._name(pile, one),
            "mark": "" if one.score is None else self._words.number(one.score),
            "state": self._state(one),
            "flagged": one.given.flagged,
            "marker": one.marker or pile.shares.get(one.work, ""),
        }

    def _state(self, one: Marking) -> str:
        if one.pending:
            code = "desk.to_confirm" if one.given.marked else "desk.skipped_state" if one.skipped else "desk.to_mark"
            return self._words.say(code)
        return self._words.say("desk.marked" if one.given.marked else "desk.automatic")

    def _said_of(self, one: Marking) -> str:
        score = "" if one.score is None else self._words.number(one.score)
        return self._words.say("desk.theirs", name=one.marker or "formgrader", mark=score, comment=one.given.comment)

    def _said_by(self, one: Marking) -> str:
        if not one.marker or one.at is None:
            return ""
        return self._words.say(
            "desk.marked_by", name=one.marker, when=f"{one.at.replace(tzinfo=UTC).astimezone():%d/%m %H:%M}"
        )

    def _progress(self, pile: Pile) -> str:
        mine = pile.share_of(self._person)
        done = sum(not one.pending for one in mine)
        return self._words.say("desk.marked_of", done=done, count=len(mine))

    def _parts(self, pile: Pile, one: Marking) -> tuple[Part, ...] | None:
        return read_parts(self._desk.settings, pile.question, one.student, self._words, self._kept(pile, one))

    def _kept(self, pile: Pile, one: Marking) -> tuple[str, ...]:
        """Return the names that the page must not show."""
        return () if pile.named else _names_of(one)

    def _name(self, pile: Pile, one: Marking) -> str:
        number = self._words.say("desk.answer_number", number=pile.number(one.answer))
        return f"{number}, {_called(one)}" if pile.named else number

    def _items(self, pile: Pile) -> list[_ShownItem]:
        """Return the items in force, with the master's words where it still has them."""
        known = {item.key: item for item in pile.question.scheme.items}
        found = []
        for item in pile.items:
            master = known.get(item.key)
            text, halves = (
                (master.text, master.halves or item.points >= 1) if master else (item.label, item.points >= 1)
            )
            there = self._words.number(master.points) if master else ""
            found.append(_ShownItem(item.key, item.label, text, item.points, halves, there))
        return found

    def _page(
        self,
        template: str,
        question: Question | None = None,
        pile: Pile | None = None,
        as_second: bool = False,
        **content: object,
    ) -> str:
        frame = self._frame
        at = question_address(frame.at, question) if question else ""
        data: dict[str, object] = {"at": frame.at, "question": at, "token": frame.token, "second": as_second}
        data["language"] = self._words.language
        data["words"] = {code.partition(".")[2]: self._words.text(code) for code in _SCRIPT_WORDS}
        if question is not None and pile is not None:
            data["maximum"] = question.maximum
            data["items"] = [{"key": one.key, "points": one.points, "label": one.label} for one in pile.items]
            with self._desk.gradebook() as db:
                data["saved"] = [_plain_comment(one) for one in records.saved_comments_in(db, question.place)]
        shown = Frame(
            *(frame.at, frame.style, frame.script, frame.token, frame.nonce), at, json.dumps(data, ensure_ascii=False)
        )
        return render_part(
            template,
            self._words,
            frame=shown,
            person=self._person,
            question=question,
            pile=pile,
            inline=inline,
            **content,
        )


def question_address(at: str, question: Question) -> str:
    """Return a question's address, without a slash at its end."""
    place = question.place
    return "/".join((at, "q", *(quote(part, safe="") for part in (place.assignment, place.notebook, place.cell))))


def given_from(body: Mapping[str, object], items: Sequence[ItemPoints]) -> Given | None:
    """Return what a page sent; None where it is not of the form that our script sends."""
    met, free = body.get("met"), body.get("free")
    comment, flagged, marked = body.get("comment", ""), body.get("flagged", False), body.get("marked", False)
    if not isinstance(met, dict) or not isinstance(comment, str):
        return None
    if not isinstance(flagged, bool) or not isinstance(marked, bool):
        return None
    keys = {item.key for item in items}
    if not all(key in keys and share in (0.5, 1) and not isinstance(share, bool) for key, share in met.items()):
        return None
    if free is not None and (isinstance(free, bool) or not isinstance(free, int | float) or not 0 <= free < 1e6):
        return None
    shares = {str(key): float(share) for key, share in met.items()}
    return Given(shares, None if free is None else float(free), comment, flagged, marked)


def _plain_comment(one: records.SavedComment) -> dict[str, object]:
    return {"number": one.number, "item": one.item, "text": one.text}


def _names_of(one: Marking) -> tuple[str, ...]:
    return (one.student, *one.name)


def _called(one: Marking) -> str:
    return " ".join(one.name).strip() or one.student


def _total(items: Sequence[ItemPoints]) -> float:
    return sum(item.points for item in items if item.points > 0)


def _key_name(key: str) -> str:
    return {"1": "digit", "0": "zero", "?": "help"}.get(key, key)
