"""The `course` command."""

from pathlib import Path

import click

from grading.commands.authoring import sync
from grading.commands.demo import demo
from grading.commands.diagnosis import diagnosis
from grading.commands.doctor import doctor
from grading.commands.feedback import feedback
from grading.commands.marking import autograde, regrade
from grading.commands.moodle import moodle
from grading.commands.quality import mutate, quality
from grading.commands.release import release
from grading.commands.report import report
from grading.errors import CourseError


class CourseGroup(click.Group):
    """Prints a CourseError as one message and exits with 1, whatever the command."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command named on the line."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=CourseGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder. Default: the one that holds the working directory.",
)
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Edit, release and grade the course's assignments."""
    ctx.obj = root


for command in (
    sync,
    release,
    doctor,
    quality,
    mutate,
    diagnosis,
    autograde,
    regrade,
    feedback,
    report,
    moodle,
    demo,
):
    main.add_command(command)
