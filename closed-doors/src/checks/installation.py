"""Dit ce qui manque à une installation, avant que la première cellule du notebook ne le fasse.

C'est aussi un programme, à côté du notebook : il ne se sert que de la bibliothèque standard, et d'aucun autre module de
ce paquet. Un Python trop ancien doit pouvoir le lire jusqu'au bout : sa syntaxe est celle de Python 3.8.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Iterator, NamedTuple  # noqa: UP035  (Python 3.8)

NBSP = "\u00a0"
BESIDE = "Fichiers"  # in requirements.txt: what must lie beside it
NEEDED_GB = 2
REQUIREMENTS = "requirements.txt"


class Library(NamedTuple):
    """Une bibliothèque à installer.

    Attributes:
        name: le nom que connaît pip.
        least: la version minimale, vide si toutes conviennent.
    """

    name: str
    least: str


class Needs(NamedTuple):
    """Ce dont un devoir a besoin.

    Attributes:
        python: la version minimale de Python, vide si toutes conviennent.
        files: les fichiers et les dossiers qui doivent être à côté de requirements.txt.
        libraries: les bibliothèques.
    """

    python: str
    files: tuple[str, ...]
    libraries: tuple[Library, ...]


def needs(requirements: str) -> Needs:
    """Lit ce dont un devoir a besoin.

    Args:
        requirements: le texte de requirements.txt ; les deux faits que pip n'y lit pas sont des commentaires.
    """
    python = re.search(r"^# Python .*?>=\s*([\d.]+)", requirements, re.MULTILINE)
    files = re.search(rf"^# {BESIDE}: (.*)$", requirements, re.MULTILINE)
    lines = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:.*?>=\s*([\w.]+))?", requirements, re.MULTILINE)
    return Needs(
        python[1] if python else "",
        tuple(files[1].split()) if files else (),
        tuple(Library(name, least) for name, least in lines),
    )


def missing(folder: Path) -> list[str]:
    """Renvoie ce qui manque à l'installation d'un devoir, une phrase par manque.

    Args:
        folder: le dossier du notebook.
    """
    path = folder / REQUIREMENTS
    if not path.is_file():
        return [f"Le fichier {REQUIREMENTS} n'est pas dans {folder}{NBSP}: décompressez de nouveau toute l'archive."]
    wanted = needs(path.read_text(encoding="utf-8"))
    said = [*_python(wanted.python), *_files(folder, wanted.files)]
    if said and _older(sys.version.split()[0], wanted.python):
        return said
    return [*said, *_libraries(wanted.libraries)]


def _python(least: str) -> Iterator[str]:
    here = sys.version.split()[0]
    if least and _older(here, least):
        yield (
            f"Python {least} ou plus récent est nécessaire, et celui-ci ({sys.executable}) est Python {here}. "
            "Installez-en un plus récent, puis refaites les commandes de LISEZMOI.txt avec lui."
        )


def _files(folder: Path, files: tuple[str, ...]) -> Iterator[str]:
    absent = [name for name in files if not (folder / name).exists()]
    if absent:
        yield (
            f"Il n'y a pas, à côté de ce programme{NBSP}: {', '.join(absent)}. Décompressez de nouveau l'archive, "
            "et gardez ses fichiers ensemble."
        )


def _libraries(libraries: tuple[Library, ...]) -> Iterator[str]:
    absent = [library.name for library in libraries if not _version(library.name)]
    old = [each for each in libraries if each.least and _version(each.name) and _older(_version(each.name), each.least)]
    if absent and sys.prefix == sys.base_prefix:
        yield from _before_installing(absent)
        return
    if absent:
        yield f"Il manque {', '.join(absent)}. Installez{NBSP}: {sys.executable} -m pip install -r {REQUIREMENTS}"
    for library in old:
        yield (
            f"{library.name} {_version(library.name)} est trop ancien, il faut {library.least} au moins. "
            f"Installez{NBSP}: {sys.executable} -m pip install --upgrade -r {REQUIREMENTS}"
        )
    for library in libraries:
        if library.name not in absent and (problem := _problem(library.name)):
            yield f"{library.name} est installé, mais ne se charge pas{NBSP}: {problem}"


def _before_installing(absent: list[str]) -> Iterator[str]:
    """Ce que l'on peut dire d'un Python qui n'a pas tout, et qui n'est pas celui du dossier env."""
    environment = Path("env", "Scripts" if os.name == "nt" else "bin", "python")
    if environment.with_suffix(".exe" if os.name == "nt" else "").exists():
        yield f"Ce Python n'est pas celui du dossier env. Lancez plutôt{NBSP}: {environment} {Path(sys.argv[0]).name}"
        return
    yield f"Il manque {', '.join(absent)}. Suivez la partie 1 de LISEZMOI.txt."
    if importlib.util.find_spec("ensurepip") is None:
        yield f"Ce Python n'a pas le module venv{NBSP}: sudo apt update && sudo apt install -y python3-venv"
    free = shutil.disk_usage(".").free / 1e9
    if free < NEEDED_GB:
        written = f"{free:.1f}".replace(".", ",")
        yield f"Il ne reste que {written} Go sur ce disque, et l'installation en demande {NEEDED_GB}."


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _problem(library: str) -> str:
    """Ce qu'une bibliothèque installée dit quand elle ne se charge pas ; vide si elle se charge."""
    name = library.replace("-", "_")
    if importlib.util.find_spec(name) is None:
        return ""
    try:
        importlib.import_module(name)
    except Exception as error:  # une bibliothèque compilée peut échouer de toutes les façons
        text = " ".join(str(error).split())[:300]
        if os.name == "nt" and isinstance(error, OSError):
            return f"{text}. Installez le « Microsoft Visual C++ Redistributable », puis recommencez."
        return f"{type(error).__name__}, {text}"
    return ""


def _older(version: str, least: str) -> bool:
    """Vrai si une version vient avant une autre ; ce qui n'est pas un nombre ne compte pas."""
    numbers = [tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:3]) for text in (version, least)]
    return numbers[0] < numbers[1]


def main() -> int:
    """Affiche ce qui manque au devoir dont ce programme est à côté, et renvoie 1 s'il manque quelque chose."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    said = missing(Path(__file__).resolve().parent)
    if not said:
        print(f"Tout est là{NBSP}: ouvrez le notebook, comme le dit la partie 2 de LISEZMOI.txt.")  # noqa: T201
        return 0
    for sentence in said:
        print(f"- {sentence}")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
