"""`course server`: what students import on a shared server."""

import sys
from pathlib import Path

import click

from closed_doors.cli.console import echo
from closed_doors.core.layout import find_course


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("assignments", nargs=-1, metavar="ASSIGNMENT...", required=True)
@click.option("--early", is_flag=True, help="Install answers of an assignment that is still open all the same.")
@click.pass_obj
def server(root: Path | None, folder: Path, assignments: tuple[str, ...], early: bool) -> None:
    """Write to FOLDER the modules that the zips of ASSIGNMENTs hold, and nothing else.

    Name every assignment that students work on, and put FOLDER on the PYTHONPATH of their kernels. Whoever works on one
    of them sees the modules of all: where one defines what another, still open, asks for, nothing is written.
    """
    from closed_doors.authoring.publish.server_packages import install, server_packages

    layout = find_course(root)
    packages = server_packages(layout, [layout.require(name) for name in assignments])
    for each in packages.early:
        echo(f"{'early' if early else 'Error: too early'}: {each}", err=not early)
    if packages.early and not early:
        echo("Nothing was written. Leave such an assignment out, or give --early.", err=True)
        sys.exit(1)
    install(packages, folder)
    echo(f"{folder}: {', '.join(sorted(packages.modules))}")
