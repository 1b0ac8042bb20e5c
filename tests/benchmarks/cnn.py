"""Trials of a convolutional network beside PyTorch's, in one run.

    python tests/benchmarks/cnn.py [--rounds 5] [--trials 32] [--channels 16,32,64,64] [--grid 16] [--inputs 16]

Both sides draw weights, prune them by magnitude, run target and pruned network on the same inputs and take the norms of
every convolution: boundcheck in float64, with certified bounds of the target's, the kept and the removed norm; PyTorch
in float32, with estimates of the target's and the removed norm, which is what its best batched programs do: grouped
conv2d, kthvalue or topk for the threshold, FFT and Gram eigenvalues or batched Lanczos for the norms, at several batch
sizes. The contestants alternate over the rounds; printed are medians, in milliseconds a trial, and ratios. Two threads
each; run it on a machine that does nothing else, since PyTorch suffers more from company.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from boundcheck import cnn, conv, magnitude, prune, scaled, uniform
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.kernels import steps, tables
from boundcheck.kernels.convolution_cpu import convolution_bounds_of_parts
from boundcheck.kernels.layer_cpu import layer_draw

try:
    import torch
    from torch.nn import functional
except ImportError:  # said in main: test runners import this file
    torch = None

KERNEL = 3
ALPHA = 0.5
LANCZOS_STEPS = 24


# boundcheck ---------------------------------------------------------------------------------------------------------
def boundcheck_plan(channels: Sequence[int], grid: int, inputs: int):
    w = scaled(uniform(-1, 1))
    layers = [conv(n, m, KERNEL, padding="same", padding_mode="circular", weights=w) for n, m in pairwise(channels)]
    pruned = prune(cnn((channels[0], grid, grid), layers), magnitude(alpha=ALPHA))
    return network_plan(pruned, 1.0, key=draw_key(0, "benchmark", "cnn"), inputs=inputs)


def boundcheck_stages(plan, trials: int) -> dict[str, float]:
    """Milliseconds a trial of each stage, run by itself; what is left of the whole is the forward pass."""
    linear = plan.steps[plan.steps[:, steps.KIND] == steps.LINEAR]
    shapes = [(int(s[steps.CHANNELS_OUT]), int(s[steps.CHANNELS_IN]) * KERNEL**2) for s in linear]
    spent = dict.fromkeys(("draws", "norms", "forward"), 0.0)

    def draw(trial: int):
        return [
            layer_draw(plan.key, trial, i, m, n, plan.laws[i], plan.law_parameters[i], plan.rules[i], plan.removed[i])
            for i, (m, n) in enumerate(shapes)
        ]

    draw(0)
    start = time.perf_counter()
    drawn = [draw(trial) for trial in range(trials)]
    spent["draws"] = time.perf_counter() - start
    start = time.perf_counter()
    for i, s in enumerate(linear):
        shape = (trials, int(s[steps.CHANNELS_OUT]), int(s[steps.CHANNELS_IN]), KERNEL, KERNEL)
        weights = np.array([trial[i].weights for trial in drawn]).reshape(shape)
        removed = np.array([trial[i].removed for trial in drawn]).reshape(shape)
        for part in (tables.TARGET, tables.KEPT, tables.REMOVED):
            grid = int(s[steps.FREQUENCY_ROWS]), int(s[steps.FREQUENCY_COLUMNS])
            convolution_bounds_of_parts(weights, removed, part, *grid)
    spent["norms"] = time.perf_counter() - start
    start = time.perf_counter()
    measure_network(plan, trials)
    spent["forward"] = time.perf_counter() - start - spent["norms"] - spent["draws"] / 2
    return {stage: 1000 * seconds / trials for stage, seconds in spent.items()}


# PyTorch ------------------------------------------------------------------------------------------------------------
def torch_weights(channels: Sequence[int], trials: int, generator: torch.Generator) -> list[torch.Tensor]:
    found = []
    for n, m in pairwise(channels):
        scale = 1 / (KERNEL**2 * max(n, m)) ** 0.5
        found.append((torch.rand(trials, m, n, KERNEL, KERNEL, generator=generator) * 2 - 1) * scale)
    return found


def torch_removed(weights: Sequence[torch.Tensor], threshold: str) -> list[torch.Tensor]:
    """What magnitude pruning removes."""
    found = []
    for w in weights:
        flat = w.abs().flatten(1)
        k = int(flat.shape[1] ** (1 - ALPHA))
        if threshold == "kthvalue":
            last = flat.kthvalue(k, dim=1).values
        else:
            last = flat.topk(k, dim=1, largest=False).values[:, -1]
        found.append(torch.where(w.abs() <= last.view(-1, 1, 1, 1, 1), w, 0.0))
    return found


def torch_forward(weights: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Outputs [inputs, trials, channels, grid, grid] by grouped convolutions."""
    trials = weights[0].shape[0]
    hidden = x.repeat(1, trials, 1, 1)
    for i, w in enumerate(weights):
        padded = functional.pad(hidden, (1, 1, 1, 1), mode="circular")
        hidden = functional.conv2d(padded, w.flatten(0, 1), groups=trials)
        if i + 1 < len(weights):
            hidden = functional.relu(hidden)
    return hidden.unflatten(1, (trials, -1))


def torch_norms(weights: torch.Tensor, grid: int, method: str) -> torch.Tensor:
    """Largest singular values over the frequencies, [trials]."""
    trials, m, n = weights.shape[:3]
    spectrum = torch.fft.rfft2(weights, s=(grid, grid)).permute(0, 3, 4, 1, 2).reshape(-1, m, n)
    gram = spectrum.mH @ spectrum if n <= m else spectrum @ spectrum.mH
    largest = torch.linalg.eigvalsh(gram)[:, -1] if method == "eigvalsh" else torch_lanczos(gram)
    return largest.reshape(trials, -1).amax(1).clamp(min=0).sqrt()


def torch_lanczos(gram: torch.Tensor) -> torch.Tensor:
    """Largest Ritz values of batched Hermitian matrices, in row-vector form."""
    count, p = gram.shape[:2]
    steps = min(LANCZOS_STEPS, p)
    v = torch.ones(count, 1, p, dtype=gram.dtype) / p**0.5
    before = torch.zeros_like(v)
    beta = torch.zeros(count, 1, 1)
    diagonal, off = [], []
    for _ in range(steps):
        w = torch.bmm(v, gram) - beta * before
        alpha = (w * v.conj()).sum(2, keepdim=True).real
        w = w - alpha * v
        beta = torch.linalg.vector_norm(w, dim=2, keepdim=True).clamp(min=1e-30)
        before, v = v, w / beta
        diagonal.append(alpha.flatten())
        off.append(beta.flatten())
    t = torch.diag_embed(torch.stack(diagonal, 1)) + torch.diag_embed(torch.stack(off[:-1], 1), 1)
    t = t + torch.diag_embed(torch.stack(off[:-1], 1), -1)
    return torch.linalg.eigvalsh(t)[:, -1]


def torch_stages(
    channels: Sequence[int], grid: int, inputs: torch.Tensor, trials: int, batch: int, threshold: str, method: str
) -> dict[str, float]:
    """Milliseconds a trial of each stage."""
    spent = dict.fromkeys(("weights", "pruning", "forward", "norms"), 0.0)
    generator = torch.Generator().manual_seed(0)

    def timed(stage: str, work: Callable[[], object]) -> object:
        start = time.perf_counter()
        result = work()
        spent[stage] += time.perf_counter() - start
        return result

    with torch.inference_mode():
        for first in range(0, trials, batch):
            size = min(batch, trials - first)
            weights = timed("weights", lambda size=size: torch_weights(channels, size, generator))
            removed = timed("pruning", lambda w=weights: torch_removed(w, threshold))
            timed(
                "forward",
                lambda w=weights, r=removed: torch.linalg.vector_norm(
                    torch_forward(w, inputs) - torch_forward([a - b for a, b in zip(w, r, strict=True)], inputs),
                    dim=(2, 3, 4),
                ).amax(0),
            )
            timed("norms", lambda w=weights, r=removed: [torch_norms(a, grid, method) for a in (*w, *r)])
    return {stage: 1000 * seconds / trials for stage, seconds in spent.items()}


def main() -> None:
    if torch is None:
        sys.exit("this benchmark needs PyTorch; install it with: pip install torch")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--channels", default="16,32,64,64")
    parser.add_argument("--grid", type=int, default=16)
    parser.add_argument("--inputs", type=int, default=16)
    options = parser.parse_args()
    channels = [int(c) for c in options.channels.split(",")]
    torch.set_num_threads(2)

    plan = boundcheck_plan(channels, options.grid, options.inputs)
    measure_network(plan, 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    measure_network(plan, 8 * options.trials)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    x = torch.randn(options.inputs, channels[0], options.grid, options.grid)
    x = x / torch.linalg.vector_norm(x, dim=(1, 2, 3), keepdim=True)

    # The best way of each peer, on a few trials.
    tried = {}
    for batch in (1, 4, 16):
        for method in ("eigvalsh", "lanczos"):
            for threshold in ("kthvalue", "topk"):
                way = (batch, threshold, method)
                torch_stages(channels, options.grid, x, batch, *way)
                stages = torch_stages(channels, options.grid, x, max(batch, 8), *way)
                tried[way] = sum(stages.values())
                print(
                    f"  PyTorch, batch {batch:2}, {threshold:8}, {method:8}: {tried[way]:7.1f} ms a trial", flush=True
                )
    way = min(tried, key=tried.__getitem__)

    ours, theirs = [], []
    for _ in range(options.rounds):
        start = time.perf_counter()
        measure_network(plan, options.trials)
        ours.append(1000 * (time.perf_counter() - start) / options.trials)
        theirs.append(torch_stages(channels, options.grid, x, options.trials, *way))
    mine = statistics.median(ours)
    total = statistics.median(sum(stages.values()) for stages in theirs)
    print(
        f"\nchannels {options.channels}, {KERNEL}×{KERNEL}, grid {options.grid}, {options.inputs} inputs, alpha {ALPHA}"
    )
    print(
        f"boundcheck (float64, certified): {mine:.1f} ms a trial; "
        f"memory grew by {grown} KiB over {8 * options.trials} trials"
    )
    for name, milliseconds in boundcheck_stages(plan, options.trials).items():
        print(f"  {name:10} {milliseconds:8.2f}")
    print(
        f"PyTorch {torch.__version__} (float32, estimates; batch {way[0]}, {way[1]}, {way[2]}): {total:.1f} ms a trial"
    )
    for stage in theirs[0]:
        print(f"  {stage:10} {statistics.median(stages[stage] for stages in theirs):8.2f}")
    print(f"ratio: {total / mine:.2f}")
    print(f"rounds: {', '.join(f'{sum(t.values()) / o:.2f}' for o, t in zip(ours, theirs, strict=True))}")


if __name__ == "__main__":
    main()
