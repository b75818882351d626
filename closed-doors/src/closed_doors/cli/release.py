"""`course release`: what students get, once every gate is passed."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.cli.console import echo, echo_json
from closed_doors.core.layout import Layout, find_course

if TYPE_CHECKING:
    from closed_doors.authoring.leak_scan.finding import Finding
    from closed_doors.authoring.publish.gate import Checked


@click.command()
@click.argument("targets", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--check", is_flag=True, help="Write nothing; examine what is committed, or the folders or zips named.")
@click.option("--dry-run", is_flag=True, help="Pass through every gate, and write nothing.")
@click.option("--no-run", is_flag=True, help="With --check or --dry-run: execute no notebook; takes seconds.")
@click.option("--overwrite", is_flag=True, help="Replace a release that leaks or that somebody added files to.")
@click.option(
    "--early", is_flag=True, help="Write a zip although it holds answers of an assignment that is still open."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output, and nothing else there.")
@click.pass_obj
def release(
    root: Path | None,
    targets: tuple[str, ...],
    check: bool,
    dry_run: bool,
    no_run: bool,
    overwrite: bool,
    early: bool,
    as_json: bool,
) -> None:
    """Generate release/, solutions/ and the students' zips (default: every assignment).

    Each assignment is generated in a scratch folder, scanned for leaks (solutions, hidden tests, mark schemes, outputs,
    metadata, attachments and other files), unpacked and run as a student would, and tried behind closed doors: the
    untouched notebook earns 0 and the solved one every automatic point. Where anything is wrong, nothing is replaced,
    the places and reasons are said, and the exit code is 1.

    A zip is held back while a module in it defines what another open assignment asks students to write: until the
    closing date in course.toml, or the due date in the gradebook.

    With --check, an argument may also be a folder or a zip to be scanned.
    """
    layout = find_course(root)
    if no_run and not (check or dry_run):
        raise click.UsageError("--no-run goes with --check or --dry-run: nothing is released that was not tried.")
    paths = [target for target in targets if target not in layout.assignments() and Path(target).exists()]
    names = [layout.require(target) for target in targets if target not in paths]
    if paths and not check:
        raise click.UsageError(f"{paths[0]} is a path: add --check to scan it, or name an assignment to release.")
    session = _Session(layout, not no_run, check, not (check or dry_run), overwrite, early, as_json)
    good = [session.scan(Path(path)) for path in paths]
    good += [session.assignment(name) for name in (names if targets else layout.assignments())]
    session.close()
    sys.exit(0 if all(good) else 1)


class _Session:
    """One run of the command."""

    def __init__(
        self, layout: Layout, run: bool, check: bool, write: bool, overwrite: bool, early: bool, as_json: bool = False
    ) -> None:
        from closed_doors.authoring.publish.gate import Gate

        self._layout, self._run, self._check, self._write = layout, run, check, write
        self._overwrite, self._early = overwrite, early
        self._gate: Gate = Gate(layout, self._step)
        self._since = time.monotonic()
        self._to_stderr = as_json
        self._done: list[dict[str, object]] = []

    def assignment(self, name: str) -> bool:
        """Take one assignment through the gate; return whether it passed."""
        from closed_doors.authoring.publish.gate import scratch

        started = self._since = time.monotonic()
        self._echo(f"{name}:", nl=False)
        with scratch() as folder:
            checked = self._gate.check(name, folder, self._run, replaces=self._write and not self._overwrite)
            if self._check and not checked.findings:
                checked.findings += self._gate.compare(name, folder)
                checked.findings += self._gate.examine(name, self._layout.release / name, f"release/{name}")
                checked.findings += self._wrong_zip(checked)
            if checked.findings:
                return self._refused(name, checked.findings)
            bundle = self._gate.publish(checked, folder, self._early) if self._write else None
        self._step("done")
        self._say_done(checked, bundle, time.monotonic() - started)
        self._done.append({"target": name, "passed": True, "early": [str(each) for each in checked.early]})
        return True

    def scan(self, path: Path) -> bool:
        """Scan a folder or a zip that is named by its path; return whether nothing leaks."""
        from closed_doors.authoring.publish.scan_path import scan_path

        self._echo(f"{path}:", nl=False)
        findings, assignments = scan_path(self._gate, self._layout, path)
        if findings:
            return self._refused(str(path), findings)
        self._echo(f" nothing of {', '.join(assignments)} leaks")
        self._done.append({"target": str(path), "passed": True, "early": []})
        return True

    def _wrong_zip(self, checked: "Checked") -> "list[Finding]":
        """Return what is wrong with the zip that stands there."""
        from closed_doors.authoring.leak_scan.finding import Finding, Place

        zipped = self._layout.bundles / f"{checked.assignment}.zip"
        if not zipped.exists() or checked.bundle is None:
            return []
        place, found = Place(f"dist/{zipped.name}"), []
        if zipped.read_bytes() != checked.bundle.data():
            found.append(Finding(place, "not the bundle that the master gives", "run `course release`, or remove it"))
        if not self._early:
            found += [Finding(place, str(each), "remove it, or check with --early") for each in checked.early]
        return found

    def _step(self, text: str) -> None:
        now = time.monotonic()
        spent, self._since = now - self._since, now
        self._echo(f" {spent:.0f} s," if spent >= 2 else "", nl=False)
        self._echo(f" {text} …" if text != "done" else "", nl=False)

    def _say_done(self, checked: "Checked", bundle: Path | None, spent: float) -> None:
        did = "released" if self._write else "passes"
        self._echo(f" {did} ({spent:.0f} s)")
        held_back = checked.early and not self._early
        if self._write:
            zipped = f" and {bundle.relative_to(self._layout.root)}" if bundle is not None else ""
            self._echo(f"  for students: release/{checked.assignment}/{zipped}")
        if checked.early:
            name = f"dist/{checked.assignment}.zip"
            self._echo(f"  {name} is held back (--early writes it):" if held_back else f"  {name} is early:")
        for each in checked.early:
            self._echo(f"    {each}")
        for place in checked.images:
            self._echo(f"  look at this picture yourself, nothing here reads it: {place}")

    def close(self) -> None:
        """Print everything as JSON, where that is asked for."""
        if self._to_stderr:
            echo_json(self._done)

    def _echo(self, text: str, nl: bool = True) -> None:
        echo(text, nl=nl, err=self._to_stderr)

    def _refused(self, name: str, findings: "Sequence[Finding]") -> bool:
        self._echo("")
        self._done.append({"target": name, "passed": False, "findings": [_plain(finding) for finding in findings]})
        count = "1 reason" if len(findings) == 1 else f"{len(findings)} reasons"
        echo(f"Error: {name} is refused, for {count}; nothing was written.", err=True)
        for finding in findings:
            echo(f"  {finding}", err=True)
        if entries := list(dict.fromkeys(finding.approval for finding in findings if finding.approval)):
            echo(
                "What the lesson means to show is approved in masters/<assignment>/shown.toml, with a reason each:\n",
                err=True,
            )
            echo("\n".join(entries), err=True)
        return False


def _plain(finding: "Finding") -> dict[str, object]:
    from dataclasses import asdict

    return {"place": asdict(finding.place), "reason": finding.reason, "approval": finding.approval or None}
