"""The student bundle: a zip that works wherever it is unpacked, with a plain Jupyter.

It holds the released files, those modules of `attention` and `checks` that the notebooks import and no others (the rest
may be another assignment's solution), LISEZMOI.txt and requirements.txt. The same content gives the same bytes.
"""

import ast
import io
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from closed_doors.authoring.leak_scan.readings import parsed
from closed_doors.core.errors import LayoutError
from closed_doors.notebook.json_files import parse

PACKAGES = ("attention", "checks")
DISTRIBUTION = "causal-mask-course"
LICENCES = ("LICENSE", "LICENSE-TEXTS")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)

READ_ME = """\
{title}
{rule}

Ce dossier contient tout ce qu'il faut pour travailler sur votre ordinateur.
Gardez ses fichiers ensemble : le notebook se sert des dossiers {packages}.

1. Installer (une seule fois)

   Il vous faut Python 3.11 ou plus récent. Ouvrez un terminal dans ce dossier, puis :

       python -m venv .venv
       source .venv/bin/activate          (sous Windows : .venv\\Scripts\\activate)
       python -m pip install -r requirements.txt

2. Ouvrir

       jupyter lab {first}

   Exécutez les cellules dans l'ordre, avec Maj + Entrée. Vos réponses s'écrivent là où
   vous lisez « # VOTRE CODE ICI » ; la cellule qui suit chaque exercice vous dit aussitôt
   ce qui est juste (✓) et ce qui manque (✗).

   Si Python répond « No module named 'attention' », le notebook n'est plus à côté du
   dossier attention : remettez-les ensemble.

3. Rendre

   Menu Kernel, puis Restart Kernel and Run All Cells : tout doit s'exécuter. Enregistrez,
   puis déposez {handed_in} sur la plateforme du cours, sans changer de nom.
   Les dossiers {packages} ne sont pas à rendre.
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip to hand out.

    Attributes:
        name: the assignment's name: the zip's, and that of the folder inside.
        files: what stands in that folder, by relative path.
    """

    name: str
    files: dict[str, bytes]

    def data(self) -> bytes:
        """Return the zip: sorted, uncompressed and without dates, so that the same files give the same bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(self.files):
                info = zipfile.ZipInfo(f"{self.name}/{name}", FIRST_DAY)
                info.create_system, info.external_attr = 3, 0o100644 << 16
                archive.writestr(info, self.files[name])
        return buffer.getvalue()

    def unpack(self, folder: Path) -> Path:
        """Write the bundle's folder under another, and return it."""
        for name, data in self.files.items():
            path = folder / self.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder / self.name


def make_bundle(released: Path, root: Path) -> Bundle:
    """Return the bundle of a released assignment.

    Args:
        released: the folder release/<assignment>.
        root: the course's folder, where its licences are.

    Raises:
        LayoutError: a package that the notebooks import is not installed, or a released file takes its place.
    """
    files = {path.relative_to(released).as_posix(): path.read_bytes() for path in released.rglob("*") if path.is_file()}
    notebooks = sorted(name for name in files if name.endswith(".ipynb"))
    sources = [cell["source"] for name in notebooks for cell in parse(files[name])["cells"] if _is_code(cell)]
    sources += [data.decode("utf-8", "replace") for name, data in files.items() if name.endswith(".py")]
    modules = needed_modules(sources)
    ours: dict[str, bytes] = {path: file.read_bytes() for path, file in modules.items()}
    ours["requirements.txt"] = "".join(f"{line}\n" for line in requirements([*sources, *_texts(ours)])).encode()
    ours["LISEZMOI.txt"] = _read_me(released.name, notebooks, sorted({name.split("/")[0] for name in modules})).encode()
    ours |= {name: (root / name).read_bytes() for name in LICENCES if (root / name).is_file()}
    if clash := sorted(set(files) & set(ours)):
        raise LayoutError(f"{released} holds {', '.join(clash)}, which the bundle brings itself; name them otherwise.")
    return Bundle(released.name, files | ours)


def needed_modules(sources: Iterable[str]) -> dict[str, Path]:
    """Return the files of the course's packages that code imports, directly or not, by their path in the bundle."""
    found: dict[str, Path] = {}
    waiting = [name for source in sources for name in _imports(source, "")]
    while waiting:
        name = waiting.pop()
        package = name.split(".")[0]
        if package not in PACKAGES:
            continue
        for module in (package, name):
            path = _file_of(module)
            inside = path.relative_to(_folder(package).parent).as_posix() if path else ""
            if path and inside not in found:
                found[inside] = path
                within = module if path.name == "__init__.py" else module.rpartition(".")[0]
                waiting += _imports(path.read_text(encoding="utf-8"), within)
    return found


def _imports(source: str, package: str) -> Iterator[str]:
    """Yield the names of modules that code may import; of `from a import b`, both a and a.b."""
    for node in ast.walk(parsed(source) or ast.Module([], [])):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _folder(package: str) -> Path:
    spec = find_spec(package)  # finds it without importing it
    if spec is None or not spec.submodule_search_locations:
        raise LayoutError(f"The package {package!r} is not installed here; run `make setup`.")
    return Path(spec.submodule_search_locations[0])


def _file_of(module: str) -> Path | None:
    package, _, rest = module.partition(".")
    base = _folder(package).joinpath(*rest.split(".")) if rest else _folder(package)
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def requirements(sources: Iterable[str]) -> list[str]:
    """Return what a student must install for this code, bounded as the course itself bounds it."""
    from packaging.requirements import Requirement

    tops = {name.split(".")[0] for source in sources for name in _imports(source, "")}
    providers = metadata.packages_distributions()
    names = {providers[top][0].lower() for top in tops - set(PACKAGES) - sys.stdlib_module_names if top in providers}
    try:
        bounds = {r.name.lower(): str(r) for r in map(Requirement, metadata.requires(DISTRIBUTION) or ())}
    except metadata.PackageNotFoundError:
        bounds = {}
    return sorted(bounds.get(name, name) for name in names | {"jupyterlab"})


def _read_me(assignment: str, notebooks: list[str], packages: list[str]) -> str:
    title = f"Devoir {assignment}"
    text = READ_ME.format(
        title=title,
        rule="=" * len(title),
        packages=" et ".join(packages) or "joints",
        first=notebooks[0] if notebooks else "",
        handed_in=" et ".join(notebooks),
    )
    for sign in (" :", " ;", " »"):
        text = text.replace(sign, f"\N{NO-BREAK SPACE}{sign[1:]}")
    return text.replace("« ", "«\N{NO-BREAK SPACE}")


def _is_code(cell: dict[str, object]) -> bool:
    return cell["cell_type"] == "code"


def _texts(files: dict[str, bytes]) -> Iterator[str]:
    return (data.decode("utf-8") for name, data in files.items() if name.endswith(".py"))
