"""Sujet 3 : que gagne-t-on vraiment avec une fenêtre ? Trois calculs, comptés et mesurés.

Lancer : python experience.py
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch.nn import functional

from attention.writing import written

WIDTH = 32
Attention = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def window_mask(n: int, window: int) -> torch.Tensor:
    """Vrai si la requête i voit la clé j : j <= i, et moins de `window` tokens plus tôt."""
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (distance >= 0) & (distance < window)


def with_a_mask(window: int) -> Attention:
    """La fenêtre écrite comme un masque n × n : tous les scores sont calculés, puis presque tous jetés."""

    def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=window_mask(len(q), window))

    return attention


def by_blocks(window: int) -> Attention:
    """La fenêtre par blocs de `window` requêtes : chacun n'a besoin que de son bloc de clés et du précédent."""

    def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        blocks = len(q) // window
        queries = q.reshape(blocks, window, WIDTH)
        keys, values = (with_the_block_before(x, window) for x in (k, v))
        mask = window_mask(2 * window, window)[window:].repeat(blocks, 1, 1)
        mask[0, :, :window] = False  # rien avant le premier bloc
        return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask).reshape(len(q), WIDTH)

    return attention


def with_the_block_before(x: torch.Tensor, window: int) -> torch.Tensor:
    """(n, d) -> (n / window, 2 * window, d) : chaque bloc, après celui qui le précède."""
    padded = torch.cat((torch.zeros(window, WIDTH), x))
    return torch.cat((padded[:-window].reshape(-1, window, WIDTH), x.reshape(-1, window, WIDTH)), dim=1)


def causal(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """L'attention causale entière."""
    return functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]


def durations(attention: Attention, inputs: tuple[torch.Tensor, ...], repeats: int) -> list[float]:
    """Les temps de processeur, en millisecondes, après un premier appel qui ne compte pas."""
    attention(*inputs)
    found = []
    for _ in range(repeats):
        start = time.process_time()
        attention(*inputs)
        found.append(1000 * (time.process_time() - start))
    return sorted(found)


def main() -> None:
    """Compare les trois façons, pour des longueurs qui doublent."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lengths", type=int, nargs="+", default=[512, 1024, 2048, 4096])
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(1)
    window = options.window
    ways = {"causale": causal, "masque n × n": with_a_mask(window), "par blocs": by_blocks(window)}
    for n in options.lengths:
        generator = torch.Generator().manual_seed(n)
        inputs = tuple(torch.randn(n, WIDTH, generator=generator) for _ in range(3))
        gap = (ways["masque n × n"](*inputs) - ways["par blocs"](*inputs)).abs().max()
        print(f"n = {n} : scores calculés : {n * n} avec le masque, {2 * n * window} par blocs ; écart : {gap:.0e}")
        for name, way in ways.items():
            found = durations(way, inputs, options.repeats)
            low, middle, high = (found[len(found) // 4], statistics.median(found), found[3 * len(found) // 4])
            print(f"  {name:<12} : médiane {written(middle)} ms, la moitié entre {written(low)} et {written(high)}")


if __name__ == "__main__":
    main()
