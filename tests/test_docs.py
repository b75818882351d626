"""Documents say what is: links, commands, paths, names and figures in them are those of the repository."""

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import click
import msgspec
import pytest

from closed_doors.cli.main import main as course
from closed_doors.core.layout import Layout
from closed_doors.core.profile import Profile, read_profile
from closed_doors.grading.clocks import deadlines, slot_clock
from closed_doors.grading.examiner import examination, stage
from closed_doors.grading.protocol import wire
from closed_doors.grading.sandbox.limits import Limits
from closed_doors.grading.student import worker_handle
from closed_doors.grading.verdict.hidden_bits import BUDGET_BITS, details, hidden_cells, most_bits
from closed_doors.notebook.json_files import parse
from closed_doors.notebook.plan import plan
from tests.conftest import ROOT, copy_course
from tests.documents import Document, documents, of_today, tracked

GRADER = ROOT / "closed-doors"
SOURCES = {"closed_doors": GRADER / "src", "checks": GRADER / "src", "attention": ROOT / "src"}
# Where a path that a page names may begin, besides the page's own folder.
ROOTS = (ROOT, GRADER, GRADER / "tests", GRADER / "src" / "closed_doors")
EXAMPLE = "moyennes"  # the assignment that creer-un-devoir.md has its reader write
EXAMPLES = (EXAMPLE, "mesures.csv", "outils.py")  # what an author may write, and is in no git
GUIDE = Document("docs/creer-un-devoir.md")
pages = pytest.mark.parametrize("page", of_today(), ids=lambda page: page.name)


@pytest.mark.parametrize("page", documents(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Document) -> None:
    """A relative link's file is in git, and has the heading that the link names."""
    for path, anchor in page.links:
        name = str(path.resolve().relative_to(ROOT))
        assert name in tracked() or any(other.startswith(f"{name}/") for other in tracked()), name
        if anchor:
            assert anchor in Document(name).anchors, f"{name}#{anchor}"


def commands(page: Document) -> list[list[str]]:
    """Every `course …` and `make …` of a page, cut into words; what follows a comment's mark is left out."""
    lines = [line for block in page.blocks("bash") for line in block.splitlines()] + page.spans
    found = [one for line in lines for one in re.findall(r"(?:^|[|&;] *)((?:course|make) [a-z-][^|&;]*)", line.strip())]
    return [shlex.split(re.sub("['\"…]", " ", command), comments=True) for command in found]


@pages
def test_commands_exist(page: Document) -> None:
    """Each verb of `course` and `make` that a page names is there, with the options that it is given."""
    verbs = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for program, *words in commands(page):
        if program == "make":
            assert words[0] in verbs, words
            continue
        command: click.Command = course
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            assert words[0] in command.commands, words
            command = command.commands[words.pop(0)]
        known = {option for each in command.params for option in each.opts} | {"--help", "-h"}
        assert {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)} <= known, words


def test_the_graders_readme_lists_every_verb() -> None:
    """Its table has a line for each command, those of a group one by one."""
    listed = {tuple(words[1:]) for words in commands(Document("closed-doors/README.md"))}
    for name, command in course.commands.items():
        if not command.hidden:
            inner = command.commands if isinstance(command, click.Group) else ()
            assert {(name, each) for each in inner} | ({(name,)} if not inner else set()) <= listed, name


def is_there(path: str, page: Document) -> bool:
    """Whether a path of a page is one; what stands in angle brackets may be anything."""
    pattern = re.sub(r"<[^>]*>", "*", path).rstrip("/")
    return any(any(base.glob(pattern)) for base in (page.path.parent, *ROOTS))


def class_data() -> set[str]:
    """What git ignores because it is the class's, or made anew; the first part of its path."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return {line.lstrip("!/").split("/")[0] for line in lines if line.startswith(("/", "!/"))} | {".venv"}


@pages
def test_paths_exist(page: Document) -> None:
    """What looks like a path in the repository is one, but for a class's data and the guide's own example."""
    for span in page.spans:
        if not re.fullmatch(r"[\w.<>*-]+(/[\w.<>*-]+)*/?", span) or "/" not in span:
            continue
        if any(example in span for example in EXAMPLES):
            continue
        if span.split("/")[0] not in class_data():
            assert is_there(span, page), span


@pages
def test_names_of_modules_exist(page: Document) -> None:
    """A dotted name of ours is a package, a module, or something that the module before it defines."""
    for span in page.spans:
        if re.fullmatch(r"(closed_doors|checks|attention)(\.\w+)+", span):
            first, *parts = span.split(".")
            place = SOURCES[first] / first
            while parts and (place / parts[0]).is_dir():
                place /= parts.pop(0)
            if parts and (module := place / f"{parts[0]}.py").is_file():
                place = module
                parts.pop(0)
            text = (place / "__init__.py" if place.is_dir() else place).read_text(encoding="utf-8")
            assert all(re.search(rf"\b{part}\b", text) for part in parts), span


@pages
def test_tests_that_pages_name_exist(page: Document) -> None:
    """A promise is held by a test only as long as there is one of that name, in the file named before it."""
    for path, names in re.findall(r"`([\w/-]+/test_\w+\.py)`(?:: ((?:`test_\w+`(?:, )?)+))?", page.prose):
        text = next(base / path for base in ROOTS if (base / path).is_file()).read_text(encoding="utf-8")
        for name in re.findall(r"test_\w+", names):
            assert f"def {name}(" in text, (path, name)


def test_decisions_are_numbered_through() -> None:
    """Course and grader share the numbers; a page's heading has its own, and whoever names a decision names one."""
    found = {path.name: path for folder in (ROOT, GRADER) for path in (folder / "docs/decisions").glob("*.md")}
    numbers = sorted(int(name[:4]) for name in found)
    assert numbers == list(range(1, len(numbers) + 1))
    for name, path in found.items():
        assert path.read_text(encoding="utf-8").startswith(f"# {int(name[:4])}. ")
    for page in documents():
        assert {int(number) for number in re.findall(r"\bdecision (\d+)", page.text)} <= set(numbers), page.name


@pytest.mark.parametrize("folder", ["docs", "closed-doors/docs"])
def test_an_index_lists_its_folder(folder: str) -> None:
    """Every page of a folder of documents, its decisions too, is linked from the folder's README.md."""
    listed = {path.resolve() for path, _ in Document(f"{folder}/README.md").links}
    for path in (ROOT / folder).rglob("*.md"):
        assert path.resolve() in listed | {(ROOT / folder / "README.md").resolve()}, path


@pages
def test_settings_that_pages_show_are_read(page: Document, tmp_path: Path) -> None:
    """What a page shows of course.toml is taken as it stands, and names assignments that exist."""
    for block in page.blocks("toml"):
        shown = tomllib.loads(block)
        if shown.keys() <= {field.encode_name for field in msgspec.structs.fields(Profile)}:
            (tmp_path / "course.toml").write_text(block, encoding="utf-8")
            profile = read_profile(tmp_path)
            named = [*profile.assignments, *(name for group in profile.total.groups for name in group.assignments)]
            assert set(named) <= {*Layout(ROOT).assignments(), EXAMPLE}


def test_the_cell_that_the_students_guide_names_is_in_each_notebook() -> None:
    """Below "Avant de rendre", near the end of what is handed out, a cell runs the whole notebook."""
    assert "**la cellule qui suit «\u00a0Avant de rendre\u00a0»**" in Document("docs/guide-etudiant.md").text
    for path in sorted((ROOT / "release").glob("*/*.ipynb")):
        cells = parse(path.read_bytes())["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
        at = next(number for number, text in enumerate(texts) if text.startswith("### Avant de rendre"))
        assert "check_notebook()" in texts[at + 1], path
        assert at >= len(cells) - 3


def test_the_first_cell_of_code_takes_the_zip_in() -> None:
    """In Colab students run it first, as their guide says."""
    assert "première cellule de code, qui vous demande l'archive" in " ".join(
        Document("docs/guide-etudiant.md").text.split()
    )
    for path in (ROOT / "release").glob("*/*.ipynb"):
        code = (cell for cell in parse(path.read_bytes())["cells"] if cell["cell_type"] == "code")
        assert "prend l'archive" in "".join(next(code)["source"]), path


def test_the_readme_has_a_door_to_everything() -> None:
    """Who reads README.md comes from there to each room of documents."""
    linked = {str(path.resolve().relative_to(ROOT)) for path, _ in Document("README.md").links}
    docs = ("README", "architecture", "glossary", "performance", "scaling", "security")
    doors = {f"closed-doors/docs/{name}.md" for name in docs} | {
        "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "closed-doors/CHANGELOG.md", "closed-doors/README.md",
        "docs/README.md", "docs/creer-un-devoir.md",
    }  # fmt: skip
    assert doors <= linked


def test_the_map_has_each_folder_once() -> None:
    """README's map names every folder of the repository, and none of its names twice."""
    text = Document("README.md").text.split("## Map")[1].split("```")[1]
    names = re.findall(r"^([\w.-]+(?:/\w+)?)/? ", text, re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []
    folders = {name.split("/")[0] for name in tracked() if "/" in name and not name.startswith(".")}
    assert not {folder for folder in folders if not re.search(rf"^{folder}\b|\b{folder}/", text, re.MULTILINE)}


def drawn() -> str:
    """The picture of the rooms as the code is now."""
    spec = importlib.util.spec_from_file_location("draw_rooms", GRADER / "docs" / "draw_rooms.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["draw_rooms"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.drawing())


def test_the_drawing_is_that_of_the_code() -> None:
    """rooms.svg is what `make diagram` draws of today's imports."""
    assert (GRADER / "docs" / "rooms.svg").read_text(encoding="utf-8") == drawn()


def test_limits_are_those_of_the_code() -> None:
    """Each figure in security.md's table of limits is the constant that the code goes by."""
    limits, longest, mib = Limits(), deadlines.Deadlines(), 1 << 20
    whole = 2 * limits.memory_mib + 3 * limits.disk_mib
    rows = Document("closed-doors/docs/security.md").text.split("## Limits")[1].split("## ")[0]
    for figure in (
        f"{longest.submission_s:g} s used; at most {slot_clock.LATEST} times as long",
        f"{longest.cell_s:g} s used ({deadlines.PLAIN_CELL_S:g} s on the plain way), "
        f"with a guard of {worker_handle.GUARD:g} times",
        f"{limits.memory_mib:,} MiB above what it started with; the sandbox as a whole {whole:,} MiB",
        f"examiner | {stage.EXAMINER_MIB:,} MiB",
        f"{limits.processes}, {limits.open_files} |",
        f"file | {limits.disk_mib} MiB",
        f"one process | {limits.cpu_s} s",
        f"{examination.MOST_OUTPUTS:,} a cell, {examination.LARGEST_OUTPUTS_BYTES // mib} MiB a notebook",
        f"{wire.LARGEST_MESSAGE_BYTES // mib} MiB, {wire.MOST_OBJECTS:,} objects, {wire.DEEPEST} levels, "
        f"{wire.DECODING_CPU_S:g} s of processor time",
    ):
        assert figure in rows, figure


def test_bits_are_those_of_the_masters() -> None:
    """The table of what a hand-in can bring out has each assignment, within the budget, with today's figures."""
    rows = Document("closed-doors/docs/security.md").text.split("## What a hand-in can bring out")[1].split("## ")[0]
    layout = Layout(ROOT)
    for assignment in layout.assignments():
        master = parse(next((layout.source / assignment).glob("*.ipynb")).read_bytes())
        cells = hidden_cells(plan(master, master))
        told = details(cells)
        bits, kinds = most_bits(cells, told), ", ".join(dict.fromkeys(detail.value for detail in told.values()))
        assert bits <= BUDGET_BITS
        row = f"| {assignment} | {sum(cell.count for cell in cells)} | {kinds} | {bits:.1f} bits |"
        assert row in rows, row


def test_figures_of_benchmarks_agree() -> None:
    """What other pages say of a submission's cost is what performance.md measured."""
    page = Document("closed-doors/docs/performance.md").text
    each = {name: float(cpu) for name, cpu in re.findall(r"^\| ([^|]+) \|.*\| ([\d.]+) \|$", page, re.MULTILINE)}
    largest = max(
        (name for name in each if name.startswith("course autograde")), key=lambda name: int(name.split()[-1])
    )
    scaling = Document("closed-doors/docs/scaling.md").text
    assert f'"CPU each"; about {each[largest]:.2f}' in scaling
    assert f"{each[largest]:.3f} CPU-s" in page


def test_the_size_of_the_environment_is_said_alike() -> None:
    """README, Makefile and the teachers' guide name one size of .venv."""
    size = re.search(r"([\d.]+) GB on disk", Document("README.md").text)
    assert size is not None
    assert f"{size[1]} GB on disk" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"{size[1].replace('.', ',')}\u00a0Go" in Document("docs/guide-enseignant.md").text


@pytest.mark.slow
def test_the_guides_assignment_is_without_fault(repository: Layout, tmp_path: Path) -> None:
    """What creer-un-devoir.md has its reader write passes sync, doctor and its labelled answers."""
    layout = copy_course(repository, tmp_path / "course")
    shutil.copy(ROOT / "course.toml", layout.root)
    master, right, wrong = GUIDE.blocks("python")
    answers = layout.answers / EXAMPLE / "exercice-1"
    for path, text in (
        (layout.masters / EXAMPLE / f"{EXAMPLE}.py", master),
        (answers / "right" / "loop.py", right),
        (answers / "wrong" / "plain_mean.py", wrong),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    for verb in ("sync", "doctor", "quality"):
        command = [Path(sys.executable).with_name("course"), verb, EXAMPLE]
        done = subprocess.run(command, cwd=layout.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
