"""Prints what `attention` costs against the plain torch expression, on the same tensors, in the same run.

    python benchmarks/attention_overhead.py

Time: the two are called in turn, and the median of the pairwise ratios is printed. Peak memory: the largest growth of
the allocator's live bytes during one forward pass, from torch's own profiler.
"""

import math
import statistics
import time
from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

from attention.masking import create_causal_mask
from attention.scaled_dot_product import ScaledDotProductAttention

CASES = {
    "exercise (10, 8, 16)": (10, 8, 16),
    "layer (8, 8, 256, 64)": (8, 8, 256, 64),
    "long (2, 8, 1024, 64)": (2, 8, 1024, 64),
}
SECONDS_PER_CASE = 2.0

Forward = Callable[[], object]


def plain(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor, mask: torch.Tensor | None) -> object:
    """Attention as one writes it down, without checks and without care for blocked rows."""
    scores = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -math.inf)
    weights = torch.softmax(scores, dim=-1)
    return weights @ V, weights


def seconds(forward: Forward, calls: int) -> float:
    """Return the time of one call, averaged over `calls`."""
    start = time.perf_counter()
    for _ in range(calls):
        forward()
    return (time.perf_counter() - start) / calls


def time_ratio(ours: Forward, theirs: Forward) -> tuple[float, float]:
    """Return the median ratio of ours to theirs, and the median time of ours in seconds."""
    calls = max(1, int(0.02 / seconds(ours, 3)))
    ratios, times = [], []
    end = time.perf_counter() + SECONDS_PER_CASE
    while time.perf_counter() < end or len(ratios) < 5:
        mine, other = seconds(ours, calls), seconds(theirs, calls)
        ratios.append(mine / other)
        times.append(mine)
    return statistics.median(ratios), statistics.median(times)


def peak_bytes(forward: Forward) -> int:
    """Return the largest number of bytes alive at once that one call allocated."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        result = forward()
        del result
    live = peak = 0
    events = [e for e in recorded.profiler.kineto_results.events() if e.name() == "[memory]"]
    for event in sorted(events, key=lambda e: e.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    return peak


def main() -> None:
    """Print a line a case."""
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; ratios: attention / plain torch expression")
    print(f"{'case':<24} {'mask':<7} {'grad':<5} {'time':>6} {'memory':>7} {'ours':>10}")
    for name, shape in CASES.items():
        Q, K, V = (torch.randn(*shape) for _ in range(3))
        layer = ScaledDotProductAttention(shape[-1])
        for mask_name, mask in (("none", None), ("causal", create_causal_mask(shape[-2]))):
            for grad in (False, True):
                q, k, v = (x.clone().requires_grad_(grad) for x in (Q, K, V))
                with torch.set_grad_enabled(grad):
                    ours: Forward = lambda: layer(q, k, v, mask)  # noqa: B023, E731
                    theirs: Forward = lambda: plain(q, k, v, mask)  # noqa: B023, E731
                    ratio, took = time_ratio(ours, theirs)
                    memory = peak_bytes(ours) / peak_bytes(theirs)
                print(f"{name:<24} {mask_name:<7} {grad!s:<5} {ratio:6.2f} {memory:7.2f} {took * 1e3:7.3f} ms")


if __name__ == "__main__":
    main()
