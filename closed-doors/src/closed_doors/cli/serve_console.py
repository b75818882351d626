"""`course serve --status`: what waits for a grading server, and what a person has to mend."""

from rich.table import Table

from closed_doors.cli.console import PlainConsole
from closed_doors.core.layout import Layout
from closed_doors.nbgrader.hand_in_queue import HandInQueue, State
from closed_doors.nbgrader.settings import read_settings


def show_queue(layout: Layout) -> None:
    """Print a course's queue: how many jobs by state, and each that was given up or waits for a reason."""
    settings, console = read_settings(layout.root), PlainConsole(highlight=False)
    course = str(settings.config.CourseDirectory.get("course_id", "")) or layout.root.name
    queue = HandInQueue(settings.db_url, course, "status")
    queue.prepare()
    counts = queue.count()
    table = Table("assignment", *(state.value for state in State))
    for assignment in sorted({name for name, _ in counts}):
        table.add_row(assignment, *(str(counts.get((assignment, state), 0)) for state in State))
    console.print(course)
    console.print(table)
    for job in queue.troubled():
        again = f", again after {job.not_before} UTC" if job.state is State.WAITING and job.not_before else ""
        said = f"{job.assignment}, {job.student}: {job.state}{again}: {job.reason}"
        console.print(f"  {said}", markup=False, soft_wrap=True)
