"""`course new`: an assignment to start from."""

from pathlib import Path

import click

from closed_doors.core.layout import find_course


@click.command()
@click.argument("assignment")
@click.option("--title", help="What students read above it. Default: made of the name.")
@click.option("--dry-run", is_flag=True, help="Say which files would be written, and write none.")
@click.option("--json", "as_json", is_flag=True, help="Print the files as JSON, and nothing else.")
@click.pass_obj
def new(root: Path | None, assignment: str, title: str | None, dry_run: bool, as_json: bool) -> None:
    """Write a new ASSIGNMENT to start from, in French.

    Two exercises with checks and hints, a question with its mark scheme, labelled right and wrong answers, a demo
    class: it passes `course doctor`, `quality`, `hints`, `release` and `demo` as it is. Change one thing after another.
    """
    from closed_doors.authoring.new_assignment.template import new_files
    from closed_doors.authoring.publish.masters import pairs, synchronise
    from closed_doors.cli.console import echo, echo_json
    from closed_doors.core.files import replace

    layout = find_course(root)
    files = new_files(layout, assignment, title or assignment.replace("_", " ").capitalize())
    if not dry_run:
        for path, text in files.items():
            replace(path, text.encode())
        for pair in pairs(layout):
            if pair.notebook.parent.name == assignment:
                synchronise(pair)
    names = [str(path.relative_to(layout.root)) for path in (*files, layout.notebook(assignment))]
    if as_json:
        echo_json({"assignment": assignment, "files": names, "written": not dry_run})
        return
    for name in names:
        echo(f"  {name}")
    if dry_run:
        echo("Nothing was written.")
        return
    echo(f"Edit masters/{assignment}/{assignment}.py or source/{assignment}/{assignment}.ipynb, then:")
    for verb in ("sync", "doctor", "quality", "hints", "release", "demo"):
        echo(f"  course {verb} {assignment}")
