"""`course init`: a new nbgrader course in a folder."""

from pathlib import Path

import click

language = click.option(
    "--language",
    type=click.Choice(("en", "fr")),
    default="en",
    show_default=True,
    help="Of what students and TAs read.",
)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--course-id", metavar="NAME", help="nbgrader's name for the course. Default: the folder's.")
@language
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the files as JSON, and nothing else.")
@click.pass_obj
def init(
    root: Path | None, folder: Path | None, course_id: str | None, language: str, dry_run: bool, as_json: bool
) -> None:
    """Make a new nbgrader course of FOLDER, by default the current one.

    Writes nbgrader_config.py with the lines that close the doors, course.toml with its keys explained, a .gitignore for
    the class's data, and nbgrader's folders. What is there already is left as it is. A course that is under way is
    taken over by `course adopt`.
    """
    from closed_doors.cli.console import echo, echo_json
    from closed_doors.core.errors import LayoutError
    from closed_doors.core.layout import CONFIG_NAME
    from closed_doors.semester.new_course import new_course, not_ignored, write_course

    place = (folder or root or Path.cwd()).resolve()
    files, folders = new_course(place, course_id or place.name, language)
    if place / CONFIG_NAME not in files:
        raise LayoutError(f"{place} is an nbgrader course already, with its {CONFIG_NAME}: run `course adopt` there.")
    if not dry_run:
        try:
            write_course(files, folders)
        except OSError as error:
            raise LayoutError(f"{error.filename} can't be written: {error.strerror}.") from error
    missing = [] if place / ".gitignore" in files else not_ignored(place)
    names = [path.relative_to(place).as_posix() for path in files]
    places = [f"{path.relative_to(place).as_posix()}/" for path in folders]
    if as_json:
        echo_json(
            {"folder": str(place), "files": names, "folders": places, "not_ignored": missing, "written": not dry_run}
        )
        return
    for name in (*names, *places):
        echo(f"  {name}")
    if missing:
        echo(f".gitignore is left as it is. It does not name a class's data yet: {' '.join(missing)}")
    if dry_run:
        echo("Nothing was written.")
        return
    echo("Put a master into source/<assignment>/<notebook>.ipynb (Jupyter's “Create Assignment”), then:")
    for verb in ("try", "release", "autograde", "feedback"):
        echo(f"  course {verb} <assignment>")
