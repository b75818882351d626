r"""Names as Moodle writes them into file names, and how two of them are compared.

Relied on: Moodle's clean_filename takes control characters and & < > " ` | ' : \ / out of a name, and its archive
turns underscores into spaces. Accents stay. A site shows names as "first last" or as "last first".
"""

import re
import unicodedata

from closed_doors.core.terminal import plain_line

_TAKEN_OUT = re.compile(r"[\x00-\x1f\x7f-\x9f&<>\"`|':\\/]")


def in_file_name(name: str) -> str:
    """Return a name as Moodle writes it into a file name."""
    return " ".join(_TAKEN_OUT.sub("", unicodedata.normalize("NFC", name).replace("_", " ")).split())


def name_key(name: str) -> str:
    """Return what two spellings of the same name have in common; accents and word order count, case does not."""
    return in_file_name(name).casefold()


def shown(text: str, limit: int = 120) -> str:
    """Return a text that anybody may have written on one line and without control characters."""
    return plain_line(text, limit)
