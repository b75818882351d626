"""Positions: sinusoids, rotations that keep norms and depend on distances only, ALiBi's slopes."""

import math

import numpy as np
import pytest
import torch

from attention.positions import alibi_slopes, rotate, sinusoidal_positions


def drawn(*shape: int, seed: int = 5, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def test_sinusoids_are_those_of_the_paper() -> None:
    """Column 2m is sin(p / 10000^(2m/d)), column 2m + 1 its cosine, whatever the shape of the positions."""
    positions = torch.tensor([[0, 1, 7], [3, 0, 500]])
    found = sinusoidal_positions(positions, 6)
    assert tuple(found.shape) == (2, 3, 6)
    assert found.dtype == torch.float32
    for row, line in enumerate(positions.tolist()):
        for column, p in enumerate(line):
            angles = [p / 10_000 ** (2 * m / 6) for m in range(3)]
            expected = [f(angle) for angle in angles for f in (math.sin, math.cos)]
            np.testing.assert_allclose(found[row, column], expected, atol=1e-6)


def test_a_rotation_is_that_of_complex_numbers() -> None:
    """The pair (a, b) at position p becomes (a + ib) e^(i p θ)."""
    x, positions = drawn(2, 3, 4, dtype=torch.float64), torch.tensor([5, 0, 11])
    found = rotate(x, positions)
    pairs = torch.view_as_complex(x.reshape(2, 3, 2, 2))
    frequencies = torch.tensor([1.0, 10_000 ** (-2 / 4)], dtype=torch.float64)
    turned = pairs * torch.exp(1j * positions[:, None].double() * frequencies)
    np.testing.assert_allclose(found, torch.view_as_real(turned).reshape(2, 3, 4), atol=1e-12)


def test_a_rotation_keeps_norms_types_and_its_input() -> None:
    """Each row keeps its norm, the result has the type of x, and x is not changed."""
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        x = drawn(2, 5, 8, dtype=dtype)
        before = x.clone()
        found = rotate(x, torch.arange(5))
        assert found.dtype == dtype
        assert torch.equal(x, before)
        tolerance = 0.05 if dtype == torch.bfloat16 else 1e-5
        np.testing.assert_allclose(found.double().norm(dim=-1), x.double().norm(dim=-1), rtol=tolerance)


def test_scores_depend_on_distances_only() -> None:
    """The same shift of all positions leaves all scores as they are; another shift for the queries does not."""
    q, k, positions = drawn(3, 6, 8, seed=1), drawn(3, 6, 8, seed=2), torch.arange(6)

    def scores(of_queries: torch.Tensor, of_keys: torch.Tensor) -> torch.Tensor:
        return rotate(q, of_queries) @ rotate(k, of_keys).transpose(-2, -1)

    plain = scores(positions, positions)
    np.testing.assert_allclose(scores(positions + 40, positions + 40), plain, atol=1e-4)
    assert (scores(positions + 4, positions) - plain).abs().max() > 0.1


def test_positions_may_differ_by_example() -> None:
    """Positions (batch, n) turn each example by its own, with an axis for the heads where there are heads."""
    x, positions = drawn(2, 3, 4, 6), torch.tensor([[0, 1, 2, 3], [0, 0, 0, 1]])
    found = rotate(x, positions[:, None])
    for example in range(2):
        np.testing.assert_array_equal(found[example], rotate(x[example], positions[example]))


def test_shapes_that_do_not_fit_are_refused() -> None:
    """An odd dimension, and positions that do not broadcast, are named in the message."""
    with pytest.raises(ValueError, match="pair"):
        rotate(drawn(3, 5), torch.arange(3))
    with pytest.raises(ValueError, match="pair"):
        sinusoidal_positions(torch.arange(3), 7)
    for positions in (torch.arange(4), torch.zeros(2, 3)):
        with pytest.raises(ValueError, match="diffusables"):
            rotate(drawn(3, 4), positions)
    with pytest.raises(ValueError, match="forme reçue"):
        rotate(drawn(4), torch.arange(4))


def test_slopes_are_those_of_the_paper() -> None:
    """Eight heads: one half, one quarter, … 1/256; at least one head."""
    np.testing.assert_allclose(alibi_slopes(8), [2.0**-h for h in range(1, 9)])
    np.testing.assert_allclose(alibi_slopes(4), [2.0**-h for h in (2, 4, 6, 8)])
    np.testing.assert_allclose(alibi_slopes(1), [2.0**-8])
    with pytest.raises(ValueError, match="au moins 1"):
        alibi_slopes(0)
