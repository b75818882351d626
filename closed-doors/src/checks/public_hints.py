"""Names, offline, the misconception that a function's results show, where the teacher knows it.

The file beside the notebook holds neither an answer, nor a result, nor a hint in the clear: for each known
misconception, a salted hash of all that it gives to public calls, and the hint, which only these results open.
"""

import base64
import contextlib
import hashlib
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path

from .catalogues import say

FILE = "pistes.json"
WITH_THIS_PACKAGE = Path(__file__).with_name(FILE)  # taken in with it where a notebook is opened alone
LARGEST_BYTES = 5_000_000
MOST_NUMBERS = 4096
ROUNDS = 20_000  # of the hash: what one check does not feel, and many guesses do
TAG_BYTES = 16
NONE, OTHER = "none", "other"
OFFSET = 0.2718  # no common fraction lies where rounding could go either way
LARGE, HUGE = 100, 1e6


def written_numbers(shape: Iterable[int], numbers: Iterable[float]) -> str:
    """Return numbers as the hashes read them: roughly, whatever their type."""
    return f"{list(shape)} {' '.join(map(_rounded, numbers))}"


def written_error(name: str) -> str:
    """Return an error as the hashes read it."""
    return f"error {name}"


def key_of(salt: bytes, function: str, outputs: Sequence[str]) -> tuple[bytes, bytes]:
    """Return the hash of all results of a function, and the hint's key."""
    data = json.dumps([function, *outputs]).encode()
    found = hashlib.pbkdf2_hmac("sha256", data, salt, ROUNDS, TAG_BYTES + 32)
    return found[:TAG_BYTES], found[TAG_BYTES:]


def sealed(key: bytes, text: str) -> str:
    """Return a hint that only this key opens."""
    return base64.b64encode(_crossed(key, text.encode())).decode()


def opened(key: bytes, text: str) -> str:
    """Return the hint that this key opens."""
    return _crossed(key, base64.b64decode(text)).decode()


def hints_for(namespace: Mapping[str, object], names: Set[str], path: Path | None = None) -> tuple[str, ...]:
    """Return the hints that these functions show; none where the file is missing, or nothing is certain.

    Args:
        namespace: the notebook's global names.
        names: those that missed tests use.
        path: the file; without it, the one in the notebook's folder, or the one that came with this package.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, ImportError):
        path = path or next(filter(Path.is_file, (Path(FILE), WITH_THIS_PACKAGE)), WITH_THIS_PACKAGE)
        if path.stat().st_size <= LARGEST_BYTES:
            content = json.loads(path.read_text(encoding="utf-8"))
            salt = bytes.fromhex(content["salt"])
            asked = [each for each in content["functions"] if each["name"] in names & namespace.keys()]
            found = [hint for each in asked if (hint := _hint(namespace, salt, each))]
            return tuple(say("report.hint", hint=hint) for hint in dict.fromkeys(found))
    return ()


def _hint(namespace: Mapping[str, object], salt: bytes, function: Mapping[str, object]) -> str:
    name, imports, calls, known = (function[key] for key in ("name", "imports", "calls", "known"))
    if not (isinstance(name, str) and isinstance(imports, str) and isinstance(calls, list) and isinstance(known, dict)):
        return ""
    tag, key = key_of(salt, name, outputs_of({**namespace}, imports, calls))
    text = known.get(tag.hex())
    return opened(key, text) if isinstance(text, str) else ""


def outputs_of(namespace: dict[str, object], imports: str, calls: Iterable[str]) -> list[str]:
    """Return what each call gives, as the hashes read it.

    Args:
        namespace: the notebook's global names, to which the imports are added.
        imports: what the calls need.
        calls: expressions.
    """
    exec(imports, namespace)  # noqa: S102  (the teacher's file)
    return [_output(namespace, call) for call in calls]


def _output(namespace: dict[str, object], call: str) -> str:
    try:
        return _written(eval(call, namespace))  # noqa: S307  (the teacher's call, of the student's function)
    except Exception as error:
        kind = next((each for each in type(error).__mro__ if each.__module__ == "builtins"), Exception)
        return written_error(kind.__name__)


def _written(result: object) -> str:
    """Return a result that is made of numbers only; others have no hash."""
    if result is None:
        return NONE
    numpy = sys.modules["numpy"]
    if hasattr(result, "detach"):  # a tensor
        result = result.detach().cpu().double().numpy()
    elif isinstance(result, list | tuple) and not (result and _is_plain(result)):
        return OTHER
    try:
        array = numpy.asarray(result)
    except (TypeError, ValueError):  # rows of several lengths, an object of the student's own
        return OTHER
    if array.dtype.kind not in "biuf" or array.size > MOST_NUMBERS:
        return OTHER
    return written_numbers(array.shape, array.ravel().astype(float).tolist())


def _is_plain(items: object) -> bool:
    """Whether these are lists of numbers, however deep."""
    if isinstance(items, list | tuple):
        return all(map(_is_plain, items))
    return isinstance(items, bool | int | float) or type(items).__module__ == "numpy"


def _rounded(number: float) -> str:
    if not math.isfinite(number):
        return str(number)
    if abs(number) >= HUGE:
        return f"{number:.3g}"
    return str(math.floor(number * (1 if abs(number) >= LARGE else 1000) + OFFSET))


def _crossed(key: bytes, data: bytes) -> bytes:
    """Return a text that is itself again the second time."""
    stream = hashlib.shake_256(key).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))
