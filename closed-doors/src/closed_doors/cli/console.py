"""What the command line prints with: names and messages may be anybody's, and are only ever text."""

import json

import click
from rich.console import Console
from rich.text import Text

from closed_doors.core.terminal import plain_text


class PlainConsole(Console):
    """A console on which every text is only a text: neither escape sequences nor rich's own markup do anything.

    What is to be coloured is given a style, never markup.
    """

    def render_str(self, text: str, **options: object) -> Text:
        """Return a text as it is to be printed; rich calls it for all that is printed, in tables too."""
        return super().render_str(plain_text(text), **(options | {"markup": False, "emoji": False}))  # type: ignore[arg-type]


class FullHelpGroup(click.Group):
    """Lists commands with the whole first sentence of each, on as many lines as it takes."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; click's own cuts sentences off."""
        there = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [
            (name, command.get_short_help_str(limit=500)) for name, command in there if command and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def echo(message: object, nl: bool = True, err: bool = False) -> None:
    """Print a line, or the beginning of one."""
    click.echo(plain_text(str(message)), nl=nl, err=err)


def echo_json(found: object) -> None:
    """Print plain data as JSON, for `--json`."""
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))
