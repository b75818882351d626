"""The examiner's view of the student's process: which state of the notebook is the current one, and who may ask it.

On the careful way every student cell runs in a fork of the state before it, so that a cell which ends its process or
never ends costs itself only. On the plain way one process runs them all, as a notebook does, and what asks it is left
for later where that makes no difference: one fork then answers several grading cells.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from closed_doors.grading.bridge.argument_changes import ArgumentChanges
from closed_doors.grading.bridge.asked_inputs import AskedInputs
from closed_doors.grading.bridge.examiner_side import Bridge
from closed_doors.grading.bridge.object_uses import ObjectUses
from closed_doors.grading.protocol.channel import Channel, ChannelClosedError, DeadlineError
from closed_doors.grading.protocol.messages import Ran, Way
from closed_doors.grading.student.worker_handle import State
from closed_doors.notebook.global_names import free_names
from closed_doors.notebook.instructor_code import runnable


def _print(text: str) -> None:
    sys.stdout.write(text)  # run_tests keeps it; a test may have put something else in print's place


NOTHING_RAN = Ran(True, [])


class AgainError(Exception):
    """Something went wrong on the plain way, or took too long before the last: the next way is to be tried."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What became of a cell that did not come to its end: whether it took too long, or ended its process."""

    too_slow: bool


class StudentSide:
    """One submission's process and its forks.

    Args:
        worker: the connection to its first process.
        way: which of the three ways (see `examination`).
        cell_s: time that a cell may use, in seconds.
        changes: takes what calls change in their arguments.
        asked: takes what calls ask.
        uses: knows where objects of the student's may decide.
    """

    def __init__(
        self,
        worker: Channel,
        way: Way,
        cell_s: float,
        changes: ArgumentChanges,
        asked: AskedInputs,
        uses: ObjectUses,
    ) -> None:
        self._careful = way is not Way.PLAIN
        self._last = way is Way.ALONE
        self._uses = uses
        self._cell_s = cell_s
        self._changes = changes
        self._asked_inputs = asked
        self.state = self._first = State(worker, 1, set())
        self.pristine = True  # no code of the student has run yet
        self._definitions: list[str] = []  # of grading cells passed by, for whatever runs next in the worker
        self._behind: list[Callable[[], None]] = []  # what is still to run on the examiner's side, in order
        self._asked: set[str] = set()  # the names that it uses
        self._common: Bridge | None = None  # of grading cells between which nothing runs in the notebook
        self._ran = 0  # how many cells the notebook has run
        self._common_at = -1  # on the careful way, how many before what asks over that bridge
        self._kept: list[State] = [self.state]  # pid 1: its end would be the sandbox's
        if not self._careful:
            self._first.host_student_cells()

    def later(self, source: str, action: Callable[[], None], asks: bool = False) -> None:
        """Run a trusted cell, or leave it for later where it asks the student's code: one fork then serves several."""
        if self._careful or not (asks or self._behind):
            action()
        else:
            self._behind.append(action)
            self._asked |= free_names(runnable(source))

    def catch_up(self) -> None:
        """Run what was left for later: the student's code is about to change, or has come to its end."""
        self._common = self._new_bridge() if self._behind else None
        behind, self._behind = self._behind, []
        for action in behind:
            action()
        self._common = None
        self._asked.clear()

    def define_later(self, definitions: str) -> None:
        """Keep what a grading cell defines for whatever runs next in the worker."""
        self._definitions.append(definitions)

    def settle(self) -> None:
        """Run what was kept."""
        if self._definitions:
            self.run("")

    def run(self, source: str, lesson: bool = False) -> Ran | Lost:
        """Run a cell in a fork of the current state, which becomes the current one if the cell leaves it alive.

        What grading cells before it have defined runs first, in the same fork. Lesson cells that stand before all code
        of the student need no fork: they can't harm. On the plain way no cell has one.

        Raises:
            AgainError: it did not come to its end on the plain way, or took too long before the last.
        """
        ran: Ran | Lost = NOTHING_RAN
        state = None
        self.pristine = self.pristine and lesson
        self._ran += bool(source)
        in_place = self.pristine or not self._careful
        try:
            state = self.state if in_place else self.state.fork()
            for definitions in self._definitions:
                self._extend(state, definitions)
            ran = self._extend(state, source) if source else NOTHING_RAN
        except (DeadlineError, ChannelClosedError) as error:
            too_slow = isinstance(error, DeadlineError)
            if not self._careful or (too_slow and not self._last):
                raise AgainError from error
            if too_slow and state is not None:
                self.state.end(state)
            ran = Lost(too_slow)
        else:
            self._advance(state)
            self._definitions.clear()
        if not lesson and self._careful:
            self.sweep()
        return ran

    def bridge(self, shared: bool) -> Bridge:
        """Return a bridge to the student's code as it is now; its fork is made when it is first asked.

        Args:
            shared: whether what is asked over it belongs to the notebook: grading cells go on where those before them
                have stopped. The lesson's have run there already.
        """
        if not (self._careful and shared):
            return (None if self._careful else self._common) or self._new_bridge()
        if self._common_at != self._ran:
            self._common, self._common_at = self._new_bridge(), self._ran
        return self._common or self._new_bridge()

    def keep(self) -> None:
        """Keep the current state: a grading cell will ask it."""
        if self.state not in self._kept:
            self._kept.append(self.state)

    def sweep(self) -> None:
        """End whatever student code has left running besides the states in use."""
        self._first.sweep()

    def _extend(self, state: State, source: str) -> Ran:
        """Run a cell, after this side has caught up, if there is anything in the cell that it could notice."""
        if self._behind and (ran := state.define(source, self._asked, self._cell_s)) is not None:
            return ran
        self.catch_up()
        return state.run(source, self._cell_s)

    def _advance(self, state: State) -> None:
        if state is self.state:
            return
        if self.state not in self._kept:
            self.state.close()
        self.state = state

    def _new_bridge(self) -> Bridge:
        state, made = self.state, False

        def fork() -> tuple[Channel, Callable[[], None]]:
            nonlocal made
            if made and not self._careful:
                raise ChannelClosedError("the state that stood at this cell has gone on")
            made = True
            if self._careful:  # what an earlier fork has left running must not stand in the way
                self.sweep()
            child = state.fork()
            return child.channel, lambda: state.end(child)

        return Bridge(fork, _print, self._changes, self._asked_inputs, self._uses)
