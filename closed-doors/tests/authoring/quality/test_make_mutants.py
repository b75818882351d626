"""Mutants: each is a program of its own, with one mistake that somebody could make."""

import ast

import pytest

from closed_doors.authoring.quality.make_mutants import mutants_of

MODULES = frozenset({"math", "torch"})
ATTENTION = '''
def attention(Q, K, V, mask=None):
    """Renvoie la sortie et les poids."""
    ### BEGIN SOLUTION
    if Q.shape[-1] != K.shape[-1]:
        raise ValueError(f"Attendu : {Q.shape[-1]} colonnes.")
    scores = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])
    scores = scores.masked_fill(mask == 0, -torch.inf)
    weights = torch.softmax(scores, dim=-1) * torch.tril(mask[1:])
    return weights @ V, weights
    ### END SOLUTION
'''
CHANGES = {mutant.after for mutant in mutants_of("exercice-1", ATTENTION, MODULES)}


@pytest.mark.parametrize(
    "line",
    [
        "scores = Q @ K / math.sqrt(Q.shape[-1])",  # the transposition is left out
        "scores = Q @ K.transpose(-2, -1)",  # the scale is left out
        "scores = Q @ K.transpose_(-2, -1) / math.sqrt(Q.shape[-1])",  # K itself is transposed
        "scores = Q.detach() @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])",  # the gradient is cut
        "scores = Q @ K.transpose(-2, -2) / math.sqrt(Q.shape[-1])",  # an axis is taken for its neighbour
        "scores = scores.masked_fill(mask != 0, -torch.inf)",  # the mask is the wrong way round
        "scores = scores.masked_fill(~(mask == 0), -torch.inf)",
        "scores = scores.masked_fill(mask == 0, -1e9)",  # a large number in place of infinity
        "weights = torch.softmax(scores, dim=-2) * torch.tril(mask[1:])",  # the softmax of the columns
        "weights = torch.softmax(scores, dim=-1) * torch.triu(mask[1:])",  # the other triangle
        "weights = torch.softmax(scores, dim=-1)",  # one factor is left out
        "weights = torch.softmax(scores, dim=-1) * torch.tril(mask[:])",  # a slice without its bound
        "return weights, weights @ V",  # the wrong way round
        "if True:",
        "if False:",
        'raise RuntimeError(f"Attendu : {Q.shape[-1]} colonnes.")',
    ],
)
def test_mistakes_of_the_field_are_made(line: str) -> None:
    """A list of mistakes that attention code really has."""
    assert line in CHANGES


def test_each_mutant_is_another_program() -> None:
    """None is the solution, and no two are the same; docstrings and texts of errors are left alone."""
    mutants = mutants_of("exercice-1", ATTENTION, MODULES)
    programs = [ast.dump(ast.parse(mutant.source)) for mutant in mutants]
    assert len(set(programs)) == len(programs) > 30
    assert ast.dump(ast.parse(ATTENTION)) not in programs
    assert all('"""Renvoie la sortie et les poids."""' in mutant.source for mutant in mutants)
    assert all("Attendu : {Q.shape[-1]} colonnes." in mutant.source for mutant in mutants)


def test_a_mutant_says_where_it_differs() -> None:
    """The function, and the lines before and after."""
    cell = "class A:\n    def f(self):\n        return 1\n"
    assert [(mutant.where, mutant.diff) for mutant in mutants_of("e", cell, MODULES)] == [
        ("A.f", ["- return 1", "+ return 2"])
    ]


def test_loops_stop_one_short() -> None:
    """range(n) becomes range(n - 1), and range(1, n) range(1, n - 1)."""
    after = {m.after for m in mutants_of("e", "for i in range(n):\n    f(range(1, n + m))\n", MODULES)}
    assert "for i in range(n - 1):" in after
    assert "f(range(1, (n + m) - 1))" in after
