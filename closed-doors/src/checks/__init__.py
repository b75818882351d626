"""Les vérifications des exercices : ce que les cellules de test appellent.

Une cellule de test contient des fonctions ``test_…`` (leur docstring est le critère vérifié) et finit par
``run_tests(points=…)``, qui les exécute, affiche ✓ ou ✗ pour chacune et renvoie les points obtenus :

>>> from checks import run_tests, weight

``@weight(2)`` fait compter un critère double, ``with raises(ValueError):`` attend une erreur. ``check_notebook()``,
dans une dernière cellule, vérifie le notebook entier. Ce paquet n'utilise que la bibliothèque standard.
"""

from .collect import weight
from .expected_errors import raises
from .runner import run_tests
from .whole_notebook import check_notebook

__all__ = ["check_notebook", "raises", "run_tests", "weight"]
