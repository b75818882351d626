"""`course try`: does a master earn behind closed doors what it earns in an ordinary kernel?"""

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.cli.console import echo
from closed_doors.core.layout import Layout, find_course

if TYPE_CHECKING:
    from closed_doors.authoring.leak_scan.finding import Finding
    from closed_doors.authoring.proof.mark_pairs import MarkPair


@click.command("try")
@click.argument("assignment")
@click.option("--json", "as_json", is_flag=True, help="Print every cell as JSON, and nothing else.")
@click.pass_obj
def try_out(root: Path | None, assignment: str, as_json: bool) -> None:
    """Grade the master of ASSIGNMENT both ways, solved and as handed out, and compare cell by cell.

    One way is an ordinary kernel, as nbgrader alone grades; the other is behind closed doors. For a cell that earns
    something else, or can't be graded, the line, the real error and what to write instead are named; so is a master
    whose marks alone would tell too much of its hidden tests. Exits with 1 where a cell differs or is refused, or the
    master tells too much. The master runs with your rights, as it does in Jupyter.
    """
    layout = find_course(root)
    pairs, findings = _tried(layout, layout.require(assignment))
    if as_json:
        echo(json.dumps([{**asdict(pair), "relation": pair.relation.value} for pair in pairs], indent=1))
    else:
        for pair in pairs:
            echo(_line(pair))
        counted = Counter(pair.relation.value for pair in pairs)
        echo(f"{assignment}: " + ", ".join(f"{count} {what}" for what, count in sorted(counted.items())))
    for finding in findings:
        echo(str(finding), err=True)
    sys.exit(1 if findings or any(pair.relation.value != "equal" for pair in pairs) else 0)


def _tried(layout: Layout, assignment: str) -> "tuple[list[MarkPair], list[Finding]]":
    from closed_doors.authoring.proof.mark_pairs import mark_pairs
    from closed_doors.authoring.publish.bits_over_budget import bits_over_budget
    from closed_doors.classroom.grade_submission import grader_of
    from closed_doors.classroom.read_submissions import read_assignment
    from closed_doors.nbgrader.settings import read_settings

    settings = read_settings(layout.root)
    folder = settings.folder("source", ".", assignment)
    read = read_assignment(settings, assignment)
    graders = {name: grader_of(read, name) for name, _ in read.masters}
    pairs = [pair for name, grader in graders.items() for pair in mark_pairs(folder, name, grader)]
    findings = [
        finding
        for name, grader in graders.items()
        for finding in bits_over_budget(grader.master, f"source/{assignment}/{name}.ipynb", grader.inside)
    ]
    return pairs, findings


def _line(pair: "MarkPair") -> str:
    closed = "not graded" if pair.closed is None else f"{pair.closed:g}"
    said = f"{pair.relation.value:8} {pair.notebook}, {pair.cell} ({pair.work}): {pair.stock:g} of {pair.points:g} "
    said += f"in an ordinary kernel, {closed} behind closed doors"
    for more in (pair.stock_error, pair.reason):
        said += f"\n         {more}" if more and pair.relation.value != "equal" else ""
    return said
