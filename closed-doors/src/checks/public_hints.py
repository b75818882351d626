"""Nomme, sans réseau, l'erreur de raisonnement que montrent les résultats d'une fonction, si l'enseignant la connaît.

Le fichier qui accompagne le notebook ne contient ni réponse, ni résultat, ni piste en clair : pour chaque erreur
connue, une empreinte salée de tout ce qu'elle donne à des appels publics, et la piste, que seuls ces résultats ouvrent.
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
    """Renvoie des nombres comme les empreintes les lisent : à peu près, quel que soit leur type."""
    return f"{list(shape)} {' '.join(map(_rounded, numbers))}"


def written_error(name: str) -> str:
    """Renvoie une erreur comme les empreintes la lisent."""
    return f"error {name}"


def key_of(salt: bytes, function: str, outputs: Sequence[str]) -> tuple[bytes, bytes]:
    """Renvoie l'empreinte de tous les résultats d'une fonction, et la clé de la piste."""
    data = json.dumps([function, *outputs]).encode()
    found = hashlib.pbkdf2_hmac("sha256", data, salt, ROUNDS, TAG_BYTES + 32)
    return found[:TAG_BYTES], found[TAG_BYTES:]


def sealed(key: bytes, text: str) -> str:
    """Renvoie une piste que seule cette clé ouvre."""
    return base64.b64encode(_crossed(key, text.encode())).decode()


def opened(key: bytes, text: str) -> str:
    """Renvoie la piste que cette clé ouvre."""
    return _crossed(key, base64.b64decode(text)).decode()


def hints_for(namespace: Mapping[str, object], names: Set[str], path: Path | None = None) -> tuple[str, ...]:
    """Renvoie les pistes que montrent ces fonctions ; aucun si le fichier manque, ou si rien n'est sûr.

    Args:
        namespace: les noms globaux du notebook.
        names: ceux dont se servent les tests manqués.
        path: le fichier ; celui du dossier du notebook, ou celui qui est venu avec ce paquet, sans lui.
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
    """Renvoie ce que donne chaque appel, comme les empreintes le lisent.

    Args:
        namespace: les noms globaux du notebook, où les imports s'ajoutent.
        imports: ce qu'il faut aux appels.
        calls: des expressions.
    """
    exec(imports, namespace)  # noqa: S102  (le fichier de l'enseignant)
    return [_output(namespace, call) for call in calls]


def _output(namespace: dict[str, object], call: str) -> str:
    try:
        return _written(eval(call, namespace))  # noqa: S307  (un appel de l'enseignant, à la fonction de l'étudiant)
    except Exception as error:
        kind = next((each for each in type(error).__mro__ if each.__module__ == "builtins"), Exception)
        return written_error(kind.__name__)


def _written(result: object) -> str:
    """Un résultat, s'il n'est fait que de nombres ; les autres n'ont pas d'empreinte."""
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
    """Vrai pour des listes de nombres, à toute profondeur."""
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
    """Un texte, et de nouveau lui-même la seconde fois."""
    stream = hashlib.shake_256(key).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))
