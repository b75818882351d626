"""`course desk`: the page on which written answers are marked."""

from pathlib import Path

import click

from closed_doors.cli.console import echo
from closed_doors.core.layout import find_course


@click.group(invoke_without_command=True)
@click.option("--as", "person", metavar="NAME", help="Who marks. Default: the account's name.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where to listen. Default: a free port.")
@click.pass_context
def desk(ctx: click.Context, person: str | None, port: int) -> None:
    """Open the marking desk: one question, the whole class, the items of its mark scheme under number keys.

    Serves pages on this machine until it is interrupted, and prints the address to open. Marks and comments go into
    the gradebook, where formgrader shows them too; feedback pages say which items are met.
    """
    if ctx.invoked_subcommand is not None:
        return
    import getpass
    from contextlib import suppress

    from closed_doors.core.errors import CourseError
    from closed_doors.desk.marking_desk import MarkingDesk
    from closed_doors.desk.standalone import serve
    from closed_doors.nbgrader.settings import read_settings

    marking = MarkingDesk(read_settings(find_course(ctx.obj).root))
    name = person or getpass.getuser()
    if marking.person(name) is None:
        people = ", ".join(each.name for each in marking.facts().people)
        raise CourseError(f"course.toml names who marks ({people}), and {name} is not among them: give --as NAME.")
    with suppress(KeyboardInterrupt):
        serve(marking, name, port, echo)


@desk.command()
@click.argument("assignment")
@click.option(
    "--add",
    "files",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE",
    help="Take in a request: a text file that is called after the student or says who wrote it, or a folder of them.",
)
@click.option("--student", metavar="ID", help="Whose request it is, where the file does not say.")
@click.option(
    "--answers",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each student whose request is answered a text file with question and answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, and nothing else.")
@click.pass_obj
def requests(
    root: Path | None, assignment: str, files: tuple[Path, ...], student: str | None, target: Path | None, as_json: bool
) -> None:
    """List students' requests for another look at ASSIGNMENT; take some in, write the answers out.

    Answers are written at the desk, beside the student's work. A file is somebody's whose id it is called by, or whose
    id, name or address stands in its first lines after "De :", "From:" or the like, as in a message from Moodle.
    """
    from closed_doors.cli.console import echo_json
    from closed_doors.cli.row_lists import count
    from closed_doors.desk.requests_inbox import list_requests, take_in, write_answers
    from closed_doors.nbgrader.settings import read_settings

    layout = find_course(root)
    settings = read_settings(layout.root)
    name = layout.require(assignment)
    for each in take_in(settings, name, files, student):
        echo(each, err=as_json)
    if target is not None:
        for path in write_answers(settings, name, target):
            echo(path, err=as_json)
    found = list_requests(settings, name)
    if as_json:
        echo_json(found)
        return
    for one in found:
        echo(f"{one['received']}  {one['student']}  {'answered' if one['answer'] else 'open'}: {one['first_line']}")
    still_open = sum(not one["answer"] for one in found)
    echo(f"{name}: {count(len(found), 'request')}, {still_open} open")
