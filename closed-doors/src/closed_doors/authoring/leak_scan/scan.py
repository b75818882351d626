"""The leak scan: does anything that students would get give away what the master keeps?"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from closed_doors.authoring.leak_scan.approvals import Shown, approval, approval_unread
from closed_doors.authoring.leak_scan.find_secrets import find_secrets
from closed_doors.authoring.leak_scan.finding import Contents, Finding, Place
from closed_doors.authoring.leak_scan.master_secrets import Kind, Secrets
from closed_doors.authoring.leak_scan.readings import readings

MARKER = re.compile(r"\b(BEGIN|END)[\s_]+(SOLUTION|HIDDEN[\s_]+TESTS?|MARK[\s_]+SCHEME)", re.IGNORECASE)
HOME = re.compile(r"(?<![\w.:/])(?:/home/|/Users/|[A-Za-z]:[\\/]+Users[\\/]+)[\w.-]+|(?<![\w./])/root/[\w.]")
MEND = "mend the region's markers in the master"
APPROVE = "take it out, or approve it in masters/<assignment>/shown.toml if the lesson means to show it"


def scan(
    contents: Contents,
    secrets: Secrets,
    shown: Shown,
    kinds: Collection[Kind] = tuple(Kind),
    private: Collection[Path] = (),
    markers: Collection[str] = (),
) -> list[Finding]:
    """Return everything in a folder that students must not get.

    Args:
        contents: what would be handed out.
        secrets: what the assignment's masters keep.
        shown: what was approved.
        kinds: which secrets are looked for.
        private: folders of the author's, whose paths must not be told.
        markers: the course's own for hidden regions, besides nbgrader's.
    """
    found = list(contents.findings)
    for place in contents.opaque:
        if not shown.allows_file(place):
            remedy = "remove it, or approve it as [[unread]] in masters/<assignment>/shown.toml"
            reason = "a file that can't be read here, so nobody knows what it gives away"
            found.append(Finding(place, reason, remedy, approval_unread(place)))
    for place, text, packaged in contents.texts:
        found += _in_text(place, text, secrets, shown, kinds)
        if not packaged:
            found += _traces(place, text, private, markers)
    return list(dict.fromkeys(found))


def _in_text(place: Place, text: str, secrets: Secrets, shown: Shown, kinds: Collection[Kind]) -> Iterator[Finding]:
    for secret in find_secrets(text, secrets):
        if secret.kind in kinds and not shown.allows(secret, place):
            yield Finding(place, str(secret), APPROVE, approval(secret, place))


def _traces(place: Place, text: str, private: Collection[Path], markers: Collection[str]) -> Iterator[Finding]:
    """Yield markers that were left and paths of the author's own folders."""
    for reading in readings(text):
        left = [marker[0]] if (marker := MARKER.search(reading)) else []
        for own in (*left, *(own for own in markers if own in reading)):
            yield Finding(place, f"the marker {own!r} was left", MEND)
        if (home := HOME.search(reading)) is not None:
            yield Finding(place, f"a path of somebody's own folder: {home[0]!r}", "write a relative path")
        for folder in private:
            if len(folder.parts) > 1 and re.search(rf"{re.escape(str(folder))}(?![\w.-])", reading):
                yield Finding(place, f"a path of the author's machine: {str(folder)!r}", "write a relative path")
