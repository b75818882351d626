"""Times on the command line."""

from datetime import UTC, datetime

import click


def moment(text: str) -> datetime:
    """Return a time with its zone as the gradebook keeps it, in UTC without one.

    Raises:
        click.BadParameter: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError("it has no UTC offset")
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a time such as 2026-10-16T18:00+02:00 ({error}).") from error
    return found.astimezone(UTC).replace(tzinfo=None)
