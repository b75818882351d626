"""Les points d'une cellule, tels que nbgrader les lit et tels que l'étudiant les voit."""


class Points(float):
    """Un nombre de points qui ne s'affiche pas sous la cellule : le rapport le dit déjà, avec une virgule.

    nbgrader lit le crédit partiel dans la forme « text/plain » du résultat, qui reste ce nombre ; Jupyter montre la
    forme « text/html » quand il y en a une, et celle-ci est vide.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return ""
