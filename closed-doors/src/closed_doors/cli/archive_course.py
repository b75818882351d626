"""`course archive` and `course restore`: a semester as one file, and back."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.core.layout import find_course

if TYPE_CHECKING:
    from closed_doors.semester.age_encryption import Lock

_passphrase = click.option(
    "--passphrase", "ask", is_flag=True, help="A passphrase opens it: asked for, or the first line of standard input."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON, and nothing else.")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--recipient", "recipients", multiple=True, metavar="KEY", help="Encrypt for this age or ssh public key.")
@_passphrase
@click.option("--without-gradebook", is_flag=True, help="Leave the gradebook to its database's own tool.")
@click.option("--dry-run", is_flag=True, help="Say what would be archived, and write nothing.")
@_json
@click.pass_obj
def archive(
    root: Path | None,
    target: Path | None,
    recipients: tuple[str, ...],
    ask: bool,
    without_gradebook: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Archive the course, by default to a file in archives, beside the course.

    Everything that counts: masters and their notebooks, what was handed in and made of it, the gradebook, received.csv,
    moodle/, timings/, settings. Left out are environments, caches, dist/, scratch/, hidden files and links. Each file
    has its checksum, and times of arrival that only the file system knows are noted. With a key or a passphrase, it is
    encrypted by age (NAME-DATE.tar.gz.age); age itself opens it too.
    """
    from dataclasses import replace

    from closed_doors.classroom.course_lock import only_run
    from closed_doors.cli.console import PlainConsole, echo_json
    from closed_doors.cli.progress_bar import progress_bar
    from closed_doors.nbgrader.settings import read_settings
    from closed_doors.semester.archive_contents import find_arrivals, find_contents
    from closed_doors.semester.course_archive import write_archive

    if ask and recipients:
        raise click.UsageError("Give keys or a passphrase.")
    settings = read_settings(find_course(root).root)
    console = PlainConsole(highlight=False, stderr=as_json)
    lock = _lock(recipients, ask, confirm=True)
    name = f"{settings.root.name}-{date.today().isoformat()}.tar.gz{'.age' if lock else ''}"
    target = (target or settings.root.parent / "archives" / name).resolve()
    if target.is_relative_to(settings.root.resolve()):
        raise click.UsageError(f"{target} is inside the course: an archive belongs elsewhere.")
    with only_run(settings):
        contents = find_contents(settings, not without_gradebook)
        contents = replace(contents, files={name: path for name, path in contents.files.items() if path != target})
        arrivals = find_arrivals(settings)
        count = len(contents.files) + (contents.gradebook is not None)
        if not dry_run:
            with progress_bar(console, "Archiving") as progress:
                write_archive(target, contents, arrivals, lock, progress)
    size = 0 if dry_run else target.stat().st_size
    found = {
        "archive": str(target),
        "written": not dry_run,
        "files": count,
        "bytes": size,
        "encrypted": lock is not None,
        "links_left_out": contents.links,
        "arrivals": len(arrivals),
    }
    if as_json:
        echo_json(found)
        return
    for link in contents.links:
        console.print(f"left out, as it points elsewhere: {link}", soft_wrap=True)
    if contents.gradebook is None:
        console.print("The gradebook is not in it.")
    said = "Nothing was written." if dry_run else f"{target} ({size / 2**20:.1f} MiB)"
    console.print(f"{count} files. {said}", soft_wrap=True)


@click.command()
@click.argument("archive_file", metavar="ARCHIVE", type=_file)
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--identity", "identities", type=_file, multiple=True, help="A file with the secret key, age's or ssh's.")
@_passphrase
@click.option("--dry-run", is_flag=True, help="Check the archive, and write nothing.")
@_json
def restore(
    archive_file: Path, folder: Path | None, identities: tuple[Path, ...], ask: bool, dry_run: bool, as_json: bool
) -> None:
    """Make a course's folder of ARCHIVE, after comparing every file with its checksum.

    FOLDER must not be there yet, or be empty. Marks, marks by hand and times of arrival are those of then: grading
    again gives the same marks.
    """
    from closed_doors.cli.console import echo, echo_json
    from closed_doors.semester.course_archive import named_elsewhere, restore_archive

    if folder is None and not dry_run:
        raise click.UsageError("Name the FOLDER, or give --dry-run to check the archive only.")
    manifest = restore_archive(archive_file, None if dry_run else folder, _lock(_keys(identities), ask))
    elsewhere = None if dry_run or folder is None else named_elsewhere(folder, manifest)
    if as_json:
        found = {"archive": str(archive_file), "folder": None if dry_run else str(folder), "made": manifest.made}
        echo_json({**found, "files": len(manifest.files), "other_gradebook": elsewhere})
        return
    echo(f"{len(manifest.files)} files of {manifest.made}, each as it was archived.")
    if elsewhere:
        echo(
            f"nbgrader_config.py names another gradebook, {elsewhere}; the archive's is {folder}/{manifest.gradebook}."
        )
    echo("Nothing was written." if dry_run else f"The course is in {folder}.")


def _keys(files: tuple[Path, ...]) -> tuple[str, ...]:
    """Return secret keys: one a line in a file of age's, a whole file of ssh's."""
    keys: list[str] = []
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        ours = [line for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-")]
        keys += ours or [text]
    return tuple(keys)


def _lock(keys: tuple[str, ...], ask: bool, confirm: bool = False) -> "Lock | None":
    from closed_doors.semester.age_encryption import Lock

    if keys:
        return Lock(keys)
    if not ask:
        return None
    if not sys.stdin.isatty():
        return Lock(passphrase=sys.stdin.readline().rstrip("\n"))
    return Lock(passphrase=click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))
