"""Measures what attention costs as its text grows, and draws docs/images/couts-attention.png.

    python benchmarks/attention_costs.py [--lengths 256 512 …] [--repeats 15] [--figure FILE]

Four ways, one head of width 64, one thread: the course's layer with a causal mask, which keeps all weights; PyTorch's
`scaled_dot_product_attention`, which works block by block and keeps none; a window, computed by blocks; one decoding
step with a cache. Each is first compared with the plain result, and so is what goes on inside the second: blocks of
keys, one after the other, those that nobody may see skipped. Time is the processor's, so that neighbours disturb it
less: the median, and between which values half of the calls lie. Memory is the peak of one call. No graphics card is
used, not even where there is one.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from time import process_time

import matplotlib as mpl
import matplotlib.pyplot as plt
import torch
from attention_overhead import peak_bytes
from torch.nn.functional import pad, scaled_dot_product_attention

from attention.masking import create_causal_mask
from attention.scaled_dot_product import ScaledDotProductAttention
from attention.writing import written

WIDTH, WINDOW = 64, 64
FIGURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "couts-attention.png"
Attention = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Cost:
    """What one way took for one length: milliseconds (quartiles and median), and bytes at the peak."""

    n: int
    times: tuple[float, float, float]
    memory: int


def layer(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The course's layer, which gives the weights too."""
    output: torch.Tensor = ScaledDotProductAttention(WIDTH)(q, k, v, mask=create_causal_mask(q.shape[-2]))[0]
    return output


def fused(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """PyTorch's function; with four dimensions and no mask it goes block by block."""
    return scaled_dot_product_attention(q, k, v, is_causal=True)


def window_mask(rows: int) -> torch.Tensor:
    """Which of `rows` keys each of as many queries sees: itself and the WINDOW - 1 before it."""
    distance = torch.arange(rows)[:, None] - torch.arange(rows)
    return (distance >= 0) & (distance < WINDOW)


def windowed(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Blocks of WINDOW queries: each needs the keys of its block and of the one before."""
    queries = q[0, 0].unflatten(0, (-1, WINDOW))
    keys, values = (pad(x[0, 0], (0, 0, WINDOW, 0)).unfold(0, 2 * WINDOW, WINDOW).transpose(1, 2) for x in (k, v))
    mask = window_mask(2 * WINDOW)[WINDOW:].repeat(len(queries), 1, 1)
    mask[0, :, :WINDOW] = False
    return scaled_dot_product_attention(queries, keys, values, attn_mask=mask).reshape(q.shape)


def one_step(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The last token's output, all keys and values being in the cache."""
    return scaled_dot_product_attention(q[..., -1:, :], k, v)


def by_blocks(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The same output with WINDOW x WINDOW scores at a time: what FlashAttention does, written plainly.

    A block of queries keeps its largest score, the sum of its exponentials and an output, all relative to that largest
    score; a block of keys that raises it shrinks what was summed before. A block of the mask without a visible place is
    skipped, and a query that sees nothing gets zeros.
    """
    outputs = []
    for queries, rows in zip(q.split(WINDOW, dim=-2), mask.split(WINDOW, dim=0), strict=True):
        largest = torch.full((*queries.shape[:-1], 1), -torch.inf)
        total, output = torch.zeros_like(largest), torch.zeros_like(queries)
        for keys, values, seen in zip(k.split(WINDOW, -2), v.split(WINDOW, -2), rows.split(WINDOW, -1), strict=True):
            if not seen.any():
                continue
            scores = (queries @ keys.mT / WIDTH**0.5).masked_fill(~seen, -torch.inf)
            raised = torch.maximum(largest, scores.amax(-1, keepdim=True))
            origin = raised.nan_to_num(neginf=0.0)  # a row that has seen nothing yet stays at zero
            shrink, shares = torch.exp(largest - origin), torch.exp(scores - origin)
            total, output = shrink * total + shares.sum(-1, keepdim=True), shrink * output + shares @ values
            largest = raised
        outputs.append(torch.where(total > 0, output / total.clamp_min(1e-30), 0.0))
    return torch.cat(outputs, dim=-2)


WAYS: dict[str, Attention] = {
    "entière, poids gardés": layer,
    "scaled_dot_product_attention": fused,
    f"fenêtre de {WINDOW}, par blocs": windowed,
    "un pas de décodage, avec un cache": one_step,
}


def compare(inputs: tuple[torch.Tensor, ...]) -> None:
    """Raise where one of the ways is not the attention that it says it is."""
    n = inputs[0].shape[-2]
    plain = layer(*inputs)
    torch.testing.assert_close(fused(*inputs), plain, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(one_step(*inputs), plain[..., -1:, :], atol=1e-5, rtol=1e-4)
    masked = scaled_dot_product_attention(*inputs, attn_mask=window_mask(n))
    torch.testing.assert_close(windowed(*inputs), masked, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(by_blocks(*inputs, window_mask(n)), masked, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(by_blocks(*inputs, create_causal_mask(n).bool()), plain, atol=1e-5, rtol=1e-4)


def cost(attention: Attention, inputs: tuple[torch.Tensor, ...], repeats: int) -> Cost:
    """Call a way `repeats` times, after one call that does not count."""
    memory = peak_bytes(lambda: attention(*inputs))
    times = []
    for _ in range(repeats):
        start = process_time()
        attention(*inputs)
        times.append(1000 * (process_time() - start))
    low, middle, high = quantiles(times, n=4)
    return Cost(inputs[0].shape[-2], (low, middle, high), memory)


def measured(lengths: Sequence[int], repeats: int) -> dict[str, list[Cost]]:
    """Return each way's costs, for each length; print them."""
    found: dict[str, list[Cost]] = {name: [] for name in WAYS}
    for n in lengths:
        generator = torch.Generator().manual_seed(n)
        inputs = tuple(torch.randn(1, 1, n, WIDTH, generator=generator) for _ in range(3))
        compare(inputs)
        for name, attention in WAYS.items():
            each = cost(attention, inputs, repeats)
            found[name].append(each)
            low, middle, high = each.times
            print(f"{n:>5} {name:<34} {middle:9.3f} ms ({low:.3f} to {high:.3f}) {each.memory / 2**20:9.2f} MiB")
    return found


def draw(found: dict[str, list[Cost]], path: Path) -> None:
    """Draw time and memory against the length, both axes in powers."""
    figure, (times, memories) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for (name, costs), marker in zip(found.items(), "os^D", strict=True):
        lengths = [each.n for each in costs]
        low, middle, high = zip(*(each.times for each in costs), strict=True)
        (line,) = times.plot(lengths, middle, marker=marker, label=name)
        times.fill_between(lengths, low, high, color=line.get_color(), alpha=0.25)
        memories.plot(lengths, [each.memory / 2**20 for each in costs], marker=marker)
    for ax, title in ((times, "Temps de processeur (ms)"), (memories, "Mémoire au plus fort d'un appel (Mio)")):
        ax.set(title=title, xlabel="Nombre de tokens n", xscale="log", yscale="log")
        ax.set_xticks(lengths, [str(n) for n in lengths], minor=False)
        ax.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        ax.yaxis.set_major_formatter(lambda value, _: written(value, 3).rstrip("0").rstrip(","))
        ax.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lengths", type=int, nargs="+", default=[256, 512, 1024, 2048, 4096], help=f"of {WINDOW}")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--figure", type=Path, default=FIGURE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with torch.no_grad():
        draw(measured(options.lengths, options.repeats), options.figure)


if __name__ == "__main__":
    main()
