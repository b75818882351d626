"""Les vérifications des exercices : ce que les cellules de test appellent.

Une cellule de test contient des fonctions ``test_…`` (leur docstring est le critère vérifié) et finit par
``run_tests(points=…)``, qui les exécute, affiche ✓ ou ✗ pour chacune et renvoie les points obtenus :

>>> from checks import run_tests, weight

``@weight(2)`` fait compter un critère double. Ce paquet n'utilise que la bibliothèque standard.
"""

from .collect import weight
from .runner import run_tests

__all__ = ["run_tests", "weight"]
