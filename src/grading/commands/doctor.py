"""`course doctor`: what is wrong before somebody is hurt by it."""

import click


@click.command()
def doctor() -> None:
    """Set up a sandbox, try to leave it, and say what protects this machine; exit with 1 where nothing does."""
    from grading.execution.supervisor import Zygote
    from grading.sandbox.probe import probe, require

    protection = probe()
    click.echo(f"closed doors: {protection.tier}")
    require(protection)
    click.echo("starting the warm process …", nl=False)
    with Zygote() as zygote:
        click.echo(f" ready, as {zygote.protection.user}")
