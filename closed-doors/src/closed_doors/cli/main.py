"""The `course` command."""

import errno
from pathlib import Path

import click

from closed_doors.cli.adopt_course import adopt
from closed_doors.cli.archive_course import archive, restore
from closed_doors.cli.autograde import autograde, regrade
from closed_doors.cli.cluster import cluster
from closed_doors.cli.console import FullHelpGroup
from closed_doors.cli.demo import demo
from closed_doors.cli.desk import desk
from closed_doors.cli.doctor import doctor
from closed_doors.cli.due import due
from closed_doors.cli.feedback import feedback
from closed_doors.cli.hints import hints
from closed_doors.cli.init_course import init
from closed_doors.cli.marks import marks
from closed_doors.cli.moodle import moodle
from closed_doors.cli.new_assignment import new
from closed_doors.cli.quality import attack, mutate, quality
from closed_doors.cli.release import release
from closed_doors.cli.report import report
from closed_doors.cli.serve import serve
from closed_doors.cli.server import server
from closed_doors.cli.status import status
from closed_doors.cli.student import student
from closed_doors.cli.sync import sync
from closed_doors.cli.try_out import try_out
from closed_doors.core.errors import CourseError
from closed_doors.core.terminal import plain_text

# What a machine says for which no command is to blame: rights, room, and what it has too little of.
_OF_THE_MACHINE = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    *(errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENOMEM),
)


class CourseGroup(FullHelpGroup):
    """Prints a CourseError as one message and exits with 1, whatever the command; so what a machine refuses."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command named on the line."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise click.ClickException(plain_text(str(error))) from error
        except OSError as error:
            if error.errno not in _OF_THE_MACHINE:
                raise
            raise click.ClickException(plain_text(_refused(error))) from error


def _refused(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return (
        f"{error.strerror}{where}. What was done before that stays: see to the rights of the file and of its folder, "
        "or to the room on its disk, then run again."
    )


@click.group(cls=CourseGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder. Default: the one that holds the working directory.",
)
@click.version_option(package_name="closed-doors", prog_name="course")
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Edit, release and grade the course's assignments."""
    ctx.obj = root


for command in (
    init,
    adopt,
    status,
    new,
    sync,
    release,
    server,
    doctor,
    try_out,
    quality,
    mutate,
    attack,
    hints,
    autograde,
    regrade,
    serve,
    cluster,
    due,
    student,
    desk,
    feedback,
    report,
    marks,
    moodle,
    archive,
    restore,
    demo,
):
    main.add_command(command)

# What `course hints` was called before; nobody is shown it.
main.add_command(click.Command("diagnosis", callback=hints.callback, params=hints.params, help=hints.help, hidden=True))
