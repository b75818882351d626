"""`course hints`: what known wrong answers give, as the file that hints are chosen from."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.cli.console import echo, echo_json
from closed_doors.core.layout import Layout, find_course

if TYPE_CHECKING:
    from closed_doors.authoring.hint_writing.misconceptions import KnownExercise
    from closed_doors.grading.processes.zygote_handle import Zygote


@click.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--check", is_flag=True, help="Run and write nothing; exit with 1 where a file is out of date.")
@click.option("--dry-run", is_flag=True, help="Run the answers and say what would get their hint; write nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="With --check: print it as JSON, and nothing else on standard output."
)
@click.pass_obj
def hints(root: Path | None, assignments: tuple[str, ...], check: bool, dry_run: bool, as_json: bool) -> None:
    """Write masters/ASSIGNMENT/*.hints.json from labelled answers (default: every assignment with misconceptions).

    Beside it, *.pistes.json is what of it goes into the students' zip: hashes that give nothing away.

    Runs each labelled answer in a sandbox, asks it the probes of its exercise's misconceptions.toml, and says which
    wrong answers would get the hint of their own idea.
    """
    from closed_doors.core.errors import LayoutError

    if as_json and not check:
        raise click.UsageError("--json goes with --check.")

    layout = find_course(root)
    described = sorted({path.parent.parent.name for path in layout.answers.glob("*/*/misconceptions.toml")})
    names = [layout.require(name) for name in assignments] or described
    for name in names:
        if name not in described:
            raise LayoutError(f"{layout.answers / name} holds no misconceptions.toml, so there is nothing to write.")
    if check:
        _say_which_are_current(layout, names, as_json)
        return
    from closed_doors.grading.processes.zygote_handle import Zygote

    with Zygote() as zygote:
        for name in names:
            _write(zygote, name, layout, dry_run)


def _say_which_are_current(layout: Layout, names: Sequence[str], as_json: bool) -> None:
    from closed_doors.authoring.hint_writing.hints_file import is_current

    late = [name for name in names if not is_current(layout, name)]
    for name in names:
        said = "out of date; run `course hints`" if name in late else "current"
        echo(f"{name}: {said}", err=as_json or name in late)
    if as_json:
        echo_json([{"assignment": name, "current": name not in late} for name in names])
    if late:
        sys.exit(1)


def _write(zygote: "Zygote", name: str, layout: Layout, dry_run: bool) -> None:
    from closed_doors.authoring.hint_writing.hints_file import write_public_hints, write_tables
    from closed_doors.authoring.hint_writing.self_check import tried
    from closed_doors.core.files import replace
    from closed_doors.core.profile import read_profile

    echo(f"{name}:")

    def report(exercise: "KnownExercise") -> None:
        answers = len(exercise.right) + len(exercise.wrong)
        echo(f"  {exercise.name}: {answers} answers, {len(exercise.probes)} probes …", err=True)

    data = write_tables(zygote, layout, name, report)
    for line in tried(data, layout.answers / name, read_profile(layout.root).naming):
        echo(f"  {line}")
    path = layout.hints(name, name)
    if dry_run:
        echo(f"  would write {path} ({len(data) // 1024} KiB)")
        return
    public, shown = layout.public_hints(name, name), write_public_hints(zygote, layout, name, data)
    for target, content in ((path, data), (public, shown)):
        replace(target, content)
        echo(f"  written: {target} ({len(content) // 1024} KiB)")
