"""Leaks as people make them: each is planted in a released assignment, and must be found at its place.

The solution is that of exercise 1 of masque_causal, the hidden test its `test_any_length`.
"""

import gzip
import io
import json
import py_compile
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOLUTION = "return np.eye(seq_len, dtype=int) + np.eye(seq_len, k=-1, dtype=int)"
RENAMED = "diag = np.eye(size, dtype=int)\nsub = weights.var(dim=-1, correction=0).mean(dim=0)"
REFORMATTED = """result = (
    (numpy . eye( longueur , dtype = int , ))   # la diagonale
    +
    numpy.eye(
        longueur,
        dtype=int,
        k = -1,
    )
)"""
LOOP = """combined = torch.zeros(seq_len, seq_len)
combined[:real_len, :real_len] = create_causal_mask(real_len)"""
HIDDEN = """for seq_len in (4, 1, 2, 7, 16, 130, 4):
    result = create_local_mask(seq_len)
    assert isinstance(result, np.ndarray)
    distance = np.arange(seq_len)[:, None] - np.arange(seq_len)
    np.testing.assert_array_equal(result, (distance == 0) | (distance == 1))"""
CRITERION = "Le masque est juste pour toutes les longueurs, et d'un appel à l'autre."
SCHEME = (
    "les premières clés reçoivent plus, les dernières moins. La clé $j$ n'est vue que par les requêtes $i \\ge j$, "
    "soit $n - j$ requêtes"
)
ESSAY = "Avec le masque, la clé 0 reçoit bien plus que sans, et la clé 7 bien moins : la clé $j$ n'est visible que"

Plant = Callable[[Path], None]


@dataclass(frozen=True)
class Seed:
    """One leak: how it is planted in release/masque_causal, and what the refusal must say."""

    name: str
    plant: Plant
    place: str
    reason: str


SEEDS: list[Seed] = []


def seed(place: str, reason: str) -> Callable[[Plant], Plant]:
    def add(plant: Plant) -> Plant:
        SEEDS.append(Seed(plant.__name__, plant, place, reason))
        return plant

    return add


def notebook_of(folder: Path) -> Any:
    return json.loads((folder / "masque_causal.ipynb").read_text(encoding="utf-8"))


def save(folder: Path, notebook: Any) -> None:
    (folder / "masque_causal.ipynb").write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def cell(notebook: Any, grade_id: str) -> Any:
    return next(c for c in notebook["cells"] if c["metadata"]["nbgrader"]["grade_id"] == grade_id)


def append(folder: Path, grade_id: str, text: str) -> None:
    notebook = notebook_of(folder)
    found = cell(notebook, grade_id)
    found["source"] = ["".join(found["source"]) + "\n" + text]
    save(folder, notebook)


def source_seed(grade_id: str, text: str, reason: str = "solution of") -> Callable[[Plant], Plant]:
    """Name a leak that is a text at the end of a cell."""

    def add(marker: Plant) -> Plant:
        SEEDS.append(
            Seed(marker.__name__, lambda folder: append(folder, grade_id, text), f"({grade_id}), source", reason)
        )
        return marker

    return add


@source_seed("numpy-tril", f"def again(seq_len):\n    {SOLUTION}")
def a_solution_line_in_a_code_cell(_: Path) -> None: ...


@source_seed("exercice-1-reponse", RENAMED, "weight")
def a_renamed_solution(_: Path) -> None: ...


@source_seed("numpy-tril", "local = lambda taille: np.eye(taille, dtype=int) + np.eye(taille, k=-1, dtype=int)")
def a_renamed_solution_in_a_lambda(_: Path) -> None: ...


@source_seed("preparation", REFORMATTED)
def a_reformatted_solution(_: Path) -> None: ...


@source_seed(
    "numpy-tril", "n = " + SOLUTION.removeprefix("return ").replace("dtype=int", 'dtype = "int"').replace('"', "")
)
def other_spaces_and_quotes(_: Path) -> None: ...


@source_seed("pytorch-masque", "# " + LOOP.replace("\n", "\n# "))
def a_solution_that_is_commented_out(_: Path) -> None: ...


@source_seed("resume", f"```python\n{LOOP.replace('combined', 'M').replace('real_len', 'r')}\n```")
def a_solution_in_a_fenced_block(_: Path) -> None: ...


@source_seed("resume", "Voici :\n\n    " + LOOP.replace("\n", "\n    "))
def a_solution_in_an_indented_block(_: Path) -> None: ...


@source_seed("resume", f"<details><summary>Corrigé</summary><pre>{LOOP}</pre></details>")
def a_solution_in_html_details(_: Path) -> None: ...


@source_seed("resume", "".join(f"<span class='k'>{word}</span> " for word in SOLUTION.split(" ")))
def a_solution_coloured_by_html(_: Path) -> None: ...


@source_seed("resume", "Il suffit d'écrire `weights.var(dim=-1, correction=0).mean(dim=0)`.")
def a_solution_in_a_sentence(_: Path) -> None: ...


@source_seed("exercice-1-reponse", f'def f():\n    """Indication.\n\n    {SOLUTION}\n    """')
def a_solution_in_the_stubs_docstring(_: Path) -> None: ...


@source_seed("resume", ESSAY, "solution of question-2-reponse")
def a_free_text_answer(_: Path) -> None: ...


@source_seed("numpy-tril", HIDDEN, "hidden test of exercice-1-verification")
def hidden_test_code(_: Path) -> None: ...


@source_seed("numpy-tril", f"# {CRITERION}", "hidden test of exercice-1-verification")
def a_hidden_criterion(_: Path) -> None: ...


@source_seed("resume", "Longueurs essayées : 4, 1, 2, 7, 16, 260, 4.", "hidden test of exercice-1-verification")
def inputs_of_a_hidden_test(_: Path) -> None: ...


@source_seed("question-2", f"**Barème** : {SCHEME}.", "mark scheme of question-2")
def a_mark_scheme(_: Path) -> None: ...


@source_seed("exercice-1-reponse", "### BEGIN SOLUTION", "marker 'BEGIN SOLUTION'")
def a_solution_marker(_: Path) -> None: ...


@source_seed("exercice-1-verification", "### END HIDDEN TESTS", "marker 'END HIDDEN TESTS'")
def a_hidden_test_marker(_: Path) -> None: ...


@source_seed("question-2", "<!-- BEGIN MARK SCHEME -->", "marker 'BEGIN MARK SCHEME'")
def a_mark_scheme_marker(_: Path) -> None: ...


@source_seed("preparation", "folder = '/home/mdupont/cours/masque_causal'", "own folder: '/home/mdupont'")
def a_path_of_the_authors_home(_: Path) -> None: ...


def output_seed(name: str, output: dict[str, Any]) -> None:
    def plant(folder: Path) -> None:
        notebook = notebook_of(folder)
        cell(notebook, "numpy-tril")["outputs"] = [output]
        save(folder, notebook)

    SEEDS.append(Seed(name, plant, "(numpy-tril), outputs", "solution of exercice-1-reponse"))


output_seed("a_solution_that_is_printed", {"output_type": "stream", "name": "stdout", "text": [SOLUTION]})
output_seed(
    "a_solution_as_a_result",
    {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": repr(SOLUTION)}},
)
output_seed(
    "a_solution_as_display_data",
    {"output_type": "display_data", "metadata": {}, "data": {"text/html": [f"<code>{SOLUTION}</code>"]}},
)
output_seed(
    "a_solution_in_a_traceback",
    {"output_type": "error", "ename": "E", "evalue": "", "traceback": [f"\x1b[1;32m----> 3\x1b[0m     {SOLUTION}"]},
)


@seed("(numpy-tril), outputs", "1 outputs; a release has none")
def a_harmless_output(folder: Path) -> None:
    notebook = notebook_of(folder)
    cell(notebook, "numpy-tril")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    save(folder, notebook)


@seed("(numpy-tril), execution count", "a release has none")
def an_execution_count(folder: Path) -> None:
    notebook = notebook_of(folder)
    cell(notebook, "numpy-tril")["execution_count"] = 12
    save(folder, notebook)


@seed("(resume), metadata", "solution of exercice-1-reponse")
def a_solution_in_a_cells_metadata(folder: Path) -> None:
    notebook = notebook_of(folder)
    cell(notebook, "resume")["metadata"]["note"] = {"corrigé": [SOLUTION]}
    save(folder, notebook)


@seed("masque_causal.ipynb, metadata", "solution of exercice-1-reponse")
def a_solution_in_the_notebooks_metadata(folder: Path) -> None:
    notebook = notebook_of(folder)
    notebook["metadata"]["kernelspec"]["display_name"] = SOLUTION
    save(folder, notebook)


def history_seed(name: str, key: str, value: Any) -> None:
    def plant(folder: Path) -> None:
        notebook = notebook_of(folder)
        notebook["metadata"][key] = value
        save(folder, notebook)

    SEEDS.append(Seed(name, plant, "masque_causal.ipynb, metadata", f"'{key}' in the notebook's metadata"))


history_seed("notebook_history", "history", [{"cell": 1, "source": "x = 1"}])
history_seed("widget_state", "widgets", {"application/vnd.jupyter.widget-state+json": {"state": {}}})
history_seed("papermill", "papermill", {"input_path": "in.ipynb", "parameters": {}})
history_seed("collaboration", "jupyter_collaboration", {"sessions": ["mdupont"]})


@seed("masque_causal.ipynb", "'history' in the notebook")
def a_field_beside_the_cells(folder: Path) -> None:
    notebook = notebook_of(folder)
    notebook["history"] = ["x = 1"]
    save(folder, notebook)


@seed("(resume), attachment note.txt", "an attachment that is not a picture")
def a_text_attachment(folder: Path) -> None:
    notebook = notebook_of(folder)
    cell(notebook, "resume")["attachments"] = {"note.txt": {"text/plain": "eA=="}}
    save(folder, notebook)


@seed("(exercice-1-verification), metadata", "a grading cell that students can edit")
def an_unlocked_grading_cell(folder: Path) -> None:
    notebook = notebook_of(folder)
    found = cell(notebook, "exercice-1-verification")
    found["metadata"]["nbgrader"]["locked"] = False
    found["metadata"].pop("editable")
    save(folder, notebook)


@seed("masque_causal.ipynb, cell ", "a cell that the master does not have")
def a_cell_too_many(folder: Path) -> None:
    notebook = notebook_of(folder)
    notebook["cells"].append({"cell_type": "raw", "id": "x", "metadata": {}, "source": "note"})
    save(folder, notebook)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def tarred(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo("dossier/aide.py")
        info.size = len(SOLUTION)
        archive.addfile(info, io.BytesIO(SOLUTION.encode()))
    return buffer.getvalue()


def compiled() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "aide.py"
        path.write_text(f"def f(seq_len):\n    {SOLUTION}\n")
        return Path(str(py_compile.compile(str(path)))).read_bytes()


def file_seed(
    name: str, path: str, data: bytes | str, reason: str = "solution of exercice-1-reponse", place: str = ""
) -> None:
    def plant(folder: Path) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)

    SEEDS.append(Seed(name, plant, place or path, reason))


UNREAD = "can't be read here"
CODE = f"def f(seq_len):\n    {SOLUTION}\n"
ELSEWHERE = json.dumps(
    {"cells": [{"cell_type": "code", "metadata": {}, "source": [CODE], "outputs": [], "execution_count": None}],
     "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
)  # fmt: skip
file_seed("a_python_file", "aide.py", CODE)
file_seed("a_text_file", "lisez.txt", f"Pour le correcteur : {SOLUTION}")
file_seed("a_text_file_in_utf_16", "lisez.txt", SOLUTION.encode("utf-16"))
file_seed("a_json_file", "donnees.json", json.dumps({"cells": {"code": CODE}}))
file_seed("another_notebook", "brouillon.ipynb", ELSEWHERE)
file_seed("a_notebook_without_a_master", "autre.ipynb", ELSEWHERE.replace(SOLUTION, "pass"), "without a master")
file_seed("a_zip", "donnees.zip", zipped({"a/aide.py": CODE}), place="donnees.zip!a/aide.py")
file_seed("a_zip_in_a_zip", "d.zip", zipped({"x.zip": zipped({"b.py": CODE})}), UNREAD, place="d.zip!x.zip")
file_seed("a_notebook_in_a_zip", "d.zip", zipped({"brouillon.ipynb": ELSEWHERE}), place="d.zip!brouillon.ipynb")
file_seed("a_tar_gz", "donnees.tar.gz", tarred("w:gz"), UNREAD)
file_seed("a_gz_file", "aide.py.gz", gzip.compress(CODE.encode()), UNREAD)
DAMAGED = bytearray(zipped({"a/aide.py": CODE}))
DAMAGED[50] ^= 0xFF
file_seed("a_damaged_zip", "d.zip", bytes(DAMAGED), "an archive that can't be read")
file_seed("a_renamed_zip", "image.dat", zipped({"aide.py": CODE}), place="image.dat!aide.py")
file_seed("a_pyc", "aide.pyc", compiled(), "compiled Python")
file_seed("a_pycache_folder", "__pycache__/aide.cpython-311.pyc", compiled(), "compiled Python")
file_seed("a_renamed_pyc", "aide.bin", compiled(), UNREAD)
file_seed("a_dotfile", ".corrige", CODE)
file_seed("a_checkpoint", ".ipynb_checkpoints/masque_causal-checkpoint.ipynb", ELSEWHERE)
file_seed("a_git_folder", ".git/config", "[core]", "a hidden file or folder")
file_seed("an_editors_backup", "masque_causal.py~", CODE)
file_seed("an_editors_swap_file", ".aide.py.swp", b"b0VIM 9.0\0\0" + CODE.encode() + b"\0", "a hidden file or folder")
file_seed("a_jupytext_pair", "masque_causal.py", "# ---\n# jupyter:\n#   jupytext:\n# ---\n# %%\nx = 1\n", "as text")
file_seed("a_gradebook", "gradebook.db", b"SQLite format 3\0" + b"\0" * 100, "a gradebook")
file_seed("a_renamed_gradebook", "cours.bin", b"SQLite format 3\0" + b"\0" * 100, UNREAD)
file_seed("a_roster", "liste.csv", "student_id,first_name,last_name\nx1,Ada,Exemple\n", "a table of people")
file_seed("a_marks_table", "grades.csv", "a,b\n1,2\n", "a class's data")
file_seed("a_pickle", "poids.pkl", b"\x80\x04\x95", "a pickle")
file_seed("an_unknown_binary_file", "poids.bin", bytes(range(256)), UNREAD)
file_seed("an_svg_figure", "figure.svg", f"<svg><desc>{SOLUTION}</desc></svg>")


@seed("lien.txt", "a link, which leads out")
def a_link(folder: Path) -> None:
    (folder / "lien.txt").symlink_to("/etc/hostname")


@seed("dossier", "a hidden file")
def a_whole_folder(folder: Path) -> None:
    (folder / "dossier" / ".cache").mkdir(parents=True)


def planted(release: Path, folder: Path, leak: Seed) -> Path:
    """Return a copy of a release with one leak in it."""
    target = folder / "masque_causal"
    shutil.copytree(release, target)
    leak.plant(target)
    return target
