"""Says whether what a cell tests is what the notebook writes: else a ✓ would promise what is not there.

What the kernel has in memory may come from a text that is gone. Nothing is claimed without proof: the runs of one and
the same cell, or the file as it was saved after them.
"""

import dis
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType

from .catalogues import say
from .cells import DefiningCell, names_defined, reason
from .history import History, Run, typed_by_a_person
from .left_over_raises import left_over_advice
from .notebook_file import SavedNotebook, saved_notebook


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the names that a grading cell uses.

    Attributes:
        stale: for each name that is no longer the notebook's, the sentence that says so.
        advice: what else is good to know, a sentence a line.
        cells: the cells that define each name.
    """

    stale: Mapping[str, str]
    advice: tuple[str, ...]
    cells: Mapping[str, DefiningCell]

    def message(self, names: set[str]) -> str:
        """Return the sentence that fits a test that uses these names; empty where all is up to date."""
        return next((self.stale[name] for name in sorted(names) if name in self.stale), "")


def state_of(history: History, names: set[str]) -> State:
    """Look at these names, which tests use and which are in memory."""
    saved = saved_notebook(history)
    stale: dict[str, str] = {}
    advice: dict[str, None] = {}
    for name in sorted(names - names_defined(history.current_source)):
        if text := _stale(history, name) or _changed_on_disk(history, saved, name):
            stale[name] = text
        else:
            advice.update(dict.fromkeys(_advice(history, saved, name)))
    return State(stale, tuple(advice), history.cells())


def names_used(function: object, namespace: Mapping[str, object]) -> set[str]:
    """Return the global names that a function uses, by itself or by other functions of the notebook."""
    found: set[str] = set()
    waiting = [function]
    while waiting:
        for name in _globals_of(waiting.pop()):
            if name in namespace and name not in found:
                found.add(name)
                waiting.append(namespace[name])
    return found


def _globals_of(value: object) -> Iterator[str]:
    """Yield the global names that a function's code reads, a class's, or that of the class of a notebook's object."""
    if isinstance(value, FunctionType):
        yield from _loaded(inspect.unwrap(value).__code__)
        return
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__ == "__main__":
        if kind is not value:
            yield kind.__name__
        for member in vars(kind).values():
            if isinstance(member, FunctionType):
                yield from _loaded(member.__code__)


def _loaded(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield str(instruction.argval)
        elif isinstance(instruction.argval, CodeType):
            yield from _loaded(instruction.argval)


def _stale(history: History, name: str) -> str:
    """Say what the runs prove: the cell of this name has failed, or does not define it any more."""
    runs = history.defining(name)
    good = next((run for run in reversed(runs) if name in run.defined), None)
    if good is None:
        return ""
    last = _last_of_the_same_cell(history, good, name)
    others = [run for run in history.latest_of_each_cell() if run is not good and not _same_cell(run, good)]
    if last is good or name in last.defined or any(name in run.defined for run in others):
        return ""
    if last.error:
        return _said_at("stale.failed", last, name)
    return say("stale.not_defined_any_more", name=name, restart=say("stale.restart"))


def _last_of_the_same_cell(history: History, good: Run, name: str) -> Run:
    """Return the cell's last run; where cells aren't told apart, the last whose text defines the name."""
    runs = history.runs if good.cell_id is not None else history.defining(name)
    return next(run for run in reversed(runs) if run is good or _same_cell(run, good))


def _same_cell(one: Run, other: Run) -> bool:
    """Whether it is the same cell, run twice; where cells aren't told apart, a person has most likely rewritten it."""
    if one.cell_id is None and other.cell_id is None:
        return typed_by_a_person()
    return one.cell_id == other.cell_id


def _said_at(code: str, run: Run, name: str) -> str:
    """Say what a cell's end means, with its line where that is known."""
    if run.line:
        return say(f"{code}_at", name=name, line=run.line, why=reason(run.cell))
    return say(code, name=name, why=reason(run.cell))


def _changed_on_disk(history: History, saved: SavedNotebook | None, name: str) -> str:
    """Say what the file proves, where it was saved after the cell's last run."""
    good = next((run for run in reversed(history.defining(name)) if name in run.defined), None)
    if saved is None or good is None or good.cell_id is None or not saved.is_newer_than(good.at):
        return ""
    place = saved.position(good.cell_id)
    if place is not None and saved.cells[place].source.strip() != good.written.strip():
        return say("stale.changed_on_disk", name=name)
    if place is None and not any(name in names_defined(cell.source) for cell in saved.cells):
        return say("stale.gone_on_disk", name=name, restart=say("stale.restart"))
    return ""


def _advice(history: History, saved: SavedNotebook | None, name: str) -> Iterator[str]:
    runs = history.defining(name)
    if not runs:
        return
    if runs[-1].error and name in runs[-1].defined:
        yield _said_at("stale.stops_later", runs[-1], name)
    if saved is not None and not saved.is_newer_than(runs[-1].at):
        saved = None
    if not runs[-1].error:
        yield from left_over_advice(history, saved, runs[-1], name)
    here = saved.position(history.current_id) if saved is not None else None
    if saved is None or here is None:
        return
    places = [place for place, cell in enumerate(saved.cells) if name in names_defined(cell.source)]
    if places and min(places) > here:
        yield say("stale.defined_below", name=name, restart=say("stale.restart"))
