"""`course doctor`: what is wrong before somebody is hurt by it."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from closed_doors.cli.console import echo, echo_json
from closed_doors.core.layout import Layout, find_course

if TYPE_CHECKING:
    from closed_doors.authoring.leak_scan.finding import Finding


@click.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--no-run", is_flag=True, help="Only read the masters; execute none.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON, and nothing else.")
@click.pass_obj
def doctor(root: Path | None, assignments: tuple[str, ...], no_run: bool, as_json: bool) -> None:
    """Examine the masters of assignments, or this machine where none is named.

    Of a master: grade_ids that are unknown or there twice, points that do not add up, test cells that students can
    edit or that do not call run_tests, solutions without markers, figures without alternative texts, cells that fail
    or print to stderr, names that are used before they are defined. Of this machine: whether a sandbox can be set up,
    and what protects it. Exits with 1 where something is wrong.
    """
    if not assignments:
        if no_run:
            raise click.UsageError("--no-run goes with an ASSIGNMENT.")
        _machine(as_json)
        return
    layout = find_course(root)
    names = [layout.require(name) for name in assignments]
    found = [finding for name in names for finding in _examined(layout, name, not no_run, as_json)]
    if as_json:
        echo(json.dumps([_plain(finding) for finding in found], ensure_ascii=False, indent=1))
    sys.exit(1 if found else 0)


def _examined(layout: Layout, name: str, run: bool, quiet: bool) -> "list[Finding]":
    from closed_doors.authoring.doctor.checkup import diagnose

    def step(text: str) -> None:
        if not quiet:
            echo(f"{name}: {text} …", err=True)

    found = list(dict.fromkeys(diagnose(layout, name, run, step)))
    if not quiet:
        for finding in found:
            echo(str(finding))
        count = {0: "nothing wrong", 1: "1 thing to mend"}.get(len(found), f"{len(found)} things to mend")
        echo(f"{name}: {count}")
    return found


def _plain(finding: "Finding") -> dict[str, object]:
    place = finding.place
    return {
        "file": place.file,
        "cell": place.cell or None,
        "number": place.number or None,
        "reason": finding.reason,
        "remedy": finding.remedy,
    }


def _machine(as_json: bool) -> None:
    from closed_doors.authoring.doctor.blocked_call import blocked_call
    from closed_doors.core.errors import SandboxError
    from closed_doors.grading.processes.zygote_handle import Zygote
    from closed_doors.grading.sandbox.self_test import probe

    protection = probe()
    echo(f"closed doors: {protection.tier}", err=as_json)
    if protection.user is None:
        blocked = blocked_call()
        raise SandboxError(
            f"Student code can't be closed in on this machine: {blocked.call} is blocked ({blocked.error}).\n"
            f"Remedy: {blocked.remedy}.\n"
            "Until then nothing is graded: there is no weaker way to close student code in."
            if blocked
            else f"Student code can't be closed in on this machine, though each call by itself goes through: "
            f"{protection.obstacle}."
        )
    echo("starting the warm process …", nl=False, err=as_json)
    with Zygote() as zygote:
        echo(f" ready, as {zygote.protection.user}", err=as_json)
        if as_json:
            echo_json({"tier": str(protection.tier), "ready": True, "user": str(zygote.protection.user)})
