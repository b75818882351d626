"""Un échec vu de près : l'exception, les cadres qu'elle a traversés, et ce que la cellule de test faisait alors."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType

from .cells import only_a_stub, parsed

# Les fichiers des cellules de test : une fonction de l'une sert parfois à une autre, et n'est à aucun étudiant.
check_cells: set[str] = set()


@dataclass(frozen=True, slots=True)
class Failure:
    """Un échec : l'exception, et les cadres d'exécution qu'elle a traversés, du plus ancien au plus récent.

    Attributes:
        hidden: vrai pour un test caché : rien n'est plus demandé au code de l'étudiant.
    """

    error: BaseException
    frames: list[tuple[FrameType, int]]
    filename: str
    hidden: bool = True

    @classmethod
    def of(cls, error: BaseException, filename: str, hidden: bool = True) -> "Failure":
        """Renvoie l'échec dont témoigne une exception sortie d'un test de cette cellule."""
        return cls(error, _frames(error.__traceback__), filename, hidden)

    @property
    def in_cell(self) -> list[tuple[FrameType, int]]:
        """Les cadres de la cellule de test, et des fonctions d'une autre dont elle se sert."""
        return [(frame, line) for frame, line in self.frames if self.is_of_the_tests(frame.f_code.co_filename)]

    def is_of_the_tests(self, filename: str) -> bool:
        """Vrai pour le fichier de cette cellule de test, ou d'une autre."""
        return filename == self.filename or filename in check_cells

    @property
    def raised_by_student(self) -> bool:
        """Vrai si l'erreur est née dans le code de l'étudiant, ici ou, à la correction, dans un autre processus."""
        return bool(self.student) or hasattr(self.error, "student_place")

    @property
    def student(self) -> list[tuple[FrameType, int]]:
        """Les cadres du code de l'étudiant : même espace de noms que la cellule, autre fichier."""
        if not self.in_cell:
            return []
        namespace = self.in_cell[0][0].f_globals
        return [
            (frame, line)
            for frame, line in self.frames
            if frame.f_globals is namespace and not self.is_of_the_tests(frame.f_code.co_filename)
        ]

    @property
    def place(self) -> tuple[int, str, str] | None:
        """La dernière ligne du code de l'étudiant que l'erreur a traversée : son numéro, son texte, sa fonction."""
        if self.student:
            frame, line = self.student[-1]
            return line, linecache.getline(frame.f_code.co_filename, line).strip(), frame.f_code.co_name
        place: tuple[int, str, str] | None = getattr(self.error, "student_place", None)
        return place

    @property
    def is_a_stub(self) -> bool:
        """Vrai si c'est `raise NotImplementedError()` lui-même, et non PyTorch qui ne sait pas faire une opération."""
        return isinstance(self.error, NotImplementedError) and (
            self.place is None or NotImplementedError.__name__ in self.place[1]
        )

    def is_only_a_stub(self, source: str) -> bool:
        """Vrai si la fonction qui a levé l'erreur ne contient rien d'autre.

        Args:
            source: le texte de la cellule de réponse, s'il n'est connu que de l'appelant.
        """
        if self.student:
            source = "".join(linecache.getlines(self.student[-1][0].f_code.co_filename))
        return self.place is None or only_a_stub(source, self.place[0])

    def at_line(self) -> Iterator[ast.stmt | ast.expr]:
        """Les instructions et les expressions de la cellule de test qui passent par la ligne où elle en était."""
        if not self.in_cell:
            return
        frame, line = self.in_cell[-1]
        for node in ast.walk(tree_of(frame.f_code.co_filename)):
            if isinstance(node, ast.stmt | ast.expr) and node.lineno <= line <= (node.end_lineno or node.lineno):
                yield node


def tree_of(filename: str) -> ast.Module:
    """L'arbre d'une cellule de test ; vide si elle contient des commandes IPython."""
    return parsed("".join(linecache.getlines(filename)))


def _frames(traceback: TracebackType | None) -> list[tuple[FrameType, int]]:
    found = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found
