"""Who may speak to a grading server over HTTP: names and hashes of tokens, in a file that is its owner's alone.

platform 8c1f…    a name, a blank, the token's SHA-256
"""

import hashlib
import hmac
import re
import secrets
import stat
from pathlib import Path

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replace

TOKENS_NAME = ".serve-tokens"
PRIVATE = 0o600
_LINE = re.compile(r"([A-Za-z0-9._-]{1,64}) ([0-9a-f]{64})")
_BYTES = 32


def add_token(root: Path, name: str) -> str:
    """Make a token for whoever is called so; an earlier one of that name ends.

    Returns:
        The token, which is kept nowhere.

    Raises:
        CourseError: the name can't be used, or the file can't be read or written.
    """
    token = secrets.token_urlsafe(_BYTES)
    if not _LINE.fullmatch(f"{name} {_hash(token)}"):
        raise CourseError(f"{name!r} can't be a token's name: letters, digits, dots, dashes and underscores can.")
    known = {**read_tokens(root), name: _hash(token)}
    text = "".join(f"{each} {known[each]}\n" for each in sorted(known))
    try:
        replace(root / TOKENS_NAME, text.encode(), PRIVATE)
    except OSError as error:
        raise CourseError(f"{root / TOKENS_NAME} can't be written: {error.strerror}.") from error
    return token


def read_tokens(root: Path) -> dict[str, str]:
    """Return the hashes of a course's tokens, by name; none where there is no file.

    Raises:
        CourseError: others may read or write the file, or a line is no token's.
    """
    path = root / TOKENS_NAME
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise CourseError(f"{path} must be a file that nobody else can read: chmod 600 {path}")
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} can't be read: {error}.") from error
    found = [_LINE.fullmatch(line) for line in lines]
    if not all(found):
        raise CourseError(f"{path} has a line that is no token's: make one by `course serve --new-token NAME`.")
    return {line[1]: line[2] for line in found if line}


def whose(tokens: dict[str, str], header: str) -> str | None:
    """Return whose token an Authorization header has; None where it is nobody's."""
    kind, _, token = header.partition(" ")
    given = _hash(token.strip())
    names = [name for name, known in tokens.items() if hmac.compare_digest(known, given)]
    return names[0] if kind.lower() == "bearer" and names else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
