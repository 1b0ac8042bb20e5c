"""Trials of fully-connected networks, stage by stage, beside NumPy, PyTorch and JAX in one run.

    python tests/benchmarks/kernels.py [--quick] [--stages] [--widths 32,64] [--precision double] [--plot kernels.png]

A trial draws 4 layers d×d with weights uniform on ±1/√d, removes of each the k weights of least magnitude, k being the
whole part of D^0.5 or of D^0.9 with D = d², runs both networks with relu on the same 64 inputs for the largest distance
of their outputs, and takes the spectral norms of the weights and of what is removed. The peers estimate them by Lanczos
with 4·d^(1/3) + 4 steps and no test of convergence, which is to their advantage: of 8,000 matrices at all these widths
95 of 100 were within 1e-6 of LAPACK and 99 within 1e-5, and the worst was 1e-2 off.

Of each peer the variants are tried at every width, then batch sizes and threadings (one call that uses two threads, or
two Python threads that use one each), and the fastest are kept. torch.compile is not among them: on one thread it made
the vector updates of Lanczos no faster at any width, and saved 3 µs a trial in a bisection at d = 32.

Then the contestants alternate over the rounds; printed are medians, and medians of the rounds' ratios. A round times
every contestant for the same `--seconds`, at least one batch; one that takes much longer meets only the first three
rounds. Before all that, `agree` gives everyone the same weights. Run it on a machine that does nothing else: PyTorch
suffers more from company than the others.

A contestant is a class with `name`; `threads`, the numbers of Python threads to try; `context(threads)`, entered by
each; `batches()`, the numbers of trials a call to try; `variants(stage, sparse)`; the stages

    sampling(batch, seed, variant) -> weights          forward(weights, removed, variant) -> gaps [trial]
    selection(weights, sparse, variant) -> removed     norms(weights, removed, variant) -> two arrays [layer, trial]

or `whole(batch, seed, sparse, variants)` or both; and for `agree` `given(weights)` and `masks(weights, removed)`, which
convert from and to NumPy, or `measures(weights, masks)`, which checks the whole; and `finish()`, if work may still be
under way when a call returns. `sparse` asks for indices of what is removed in place of a dense array: `knows_sparse`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from itertools import product

import numpy as np
from rich.console import Console

STAGES = ("sampling", "selection", "forward", "norms")
WHOLE = "whole"
LAYERS, INPUTS = 4, 64
DTYPES = {"single": "float32", "double": "float64"}


@dataclass(frozen=True)
class Workload:
    """One network, and what is known of it before anything is drawn."""

    width: int
    power: float
    precision: str

    @property
    def layers(self) -> int:
        return LAYERS

    @property
    def dtype(self) -> str:
        return DTYPES[self.precision]

    @property
    def removed(self) -> int:
        return int(self.width ** (2 * self.power))

    @property
    def few(self) -> bool:
        """Whether so few weights are removed that a sparse array may pay."""
        return self.removed <= self.width**1.5

    @property
    def weights(self) -> int:
        return LAYERS * self.width**2

    @property
    def half_width(self) -> float:
        return self.width**-0.5

    @property
    def lanczos_steps(self) -> int:
        return round(4 * self.width ** (1 / 3)) + 4

    @property
    def window(self) -> tuple[float, float]:
        """Magnitudes between which the k-th smallest of a layer lies, but for six standard deviations."""
        share = self.removed / self.width**2
        reach = 6 * (share * (1 - share)) ** 0.5 / self.width
        return (share - reach) * self.half_width, (share + reach) * self.half_width

    @property
    def batches(self) -> tuple[int, ...]:
        """Trials a call, from what fits the caches to what does not."""
        return tuple(dict.fromkeys(max(1, size // self.weights) for size in (2**18, 2**20, 2**22)))

    @property
    def inputs(self) -> np.ndarray:
        """Unit vectors [input, coordinate]."""
        x = np.random.default_rng(1).standard_normal((INPUTS, self.width))
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    @property
    def forward_operations(self) -> int:
        """Of one trial: a dense product for the target and one for the pruned network in each layer."""
        return 2 * 2 * self.weights * INPUTS

    def __str__(self) -> str:
        return f"d = {self.width}, k = {self.removed}, {self.precision}"


def contestants() -> Iterator[type]:
    """The package's, then the peers that are installed, on the CPU and on a GPU if there is one."""
    # Imported here: test runners import this file, without its folder on the path.
    import ours
    import peers_jax
    import peers_numpy
    import peers_torch

    yield ours.StagedBoundcheck
    yield ours.CertifiedBoundcheck
    if ours.has_gpu():
        yield ours.GpuBoundcheck
    yield peers_numpy.NumPy
    if peers_torch.torch is None:
        print("PyTorch is not installed: pip install 'boundcheck[bench]'")
    else:
        yield from (peers_torch.NaiveTorch, peers_torch.IdiomaticTorch, peers_torch.TunedTorch)
        if peers_torch.torch.cuda.is_available():
            yield from (peers_torch.IdiomaticTorchOnGpu, peers_torch.TunedTorchOnGpu)
    if peers_jax.jax is None:
        print("JAX is not installed: pip install 'boundcheck[bench]'")
    else:
        yield peers_jax.Jax


# Do they compute the same? ------------------------------------------------------------------------------------------
def reference(work: Workload, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """Masks, gaps and both norms in float64, by sorting and LAPACK."""
    masks = np.zeros(weights.shape, bool)
    order = np.argsort(np.abs(weights).reshape(*weights.shape[:2], -1), axis=2)
    np.put_along_axis(masks.reshape(order.shape), order[:, :, : work.removed], True, axis=2)
    target = pruned = work.inputs.T
    for i, (w, mask) in enumerate(zip(weights, masks, strict=True)):
        target, pruned = w @ target, np.where(mask, 0, w) @ pruned
        if i + 1 < LAYERS:
            target, pruned = np.maximum(target, 0), np.maximum(pruned, 0)
    gaps = np.linalg.norm(target - pruned, axis=1).max(axis=1)
    removed = np.where(masks, weights, 0)
    return masks, gaps, np.linalg.norm(weights, 2, axis=(2, 3)), np.linalg.norm(removed, 2, axis=(2, 3))


def agree(work: Workload, entrants: Sequence) -> None:
    """Print how far each contestant is from the reference on the same weights, in its worst variant."""
    trials = max(1, min(16, 2**19 // work.weights))
    drawn = np.random.default_rng(2).uniform(
        -work.half_width, work.half_width, (LAYERS, trials, work.width, work.width)
    )
    weights = drawn.astype(work.dtype).astype(float)
    masks, *expected = reference(work, weights)
    for entrant in entrants:
        worst, same = np.zeros(3), True
        with entrant.context(1):
            every = [entrant.measures(weights, masks)] if hasattr(entrant, "measures") else []
            if hasattr(entrant, "selection"):
                for sparse in layouts_of(work, entrant):
                    stages = [entrant.variants(stage, sparse) for stage in STAGES[1:]]
                    for selection, forward, norms in product(*stages):
                        given = entrant.given(weights)
                        removed = entrant.selection(given, sparse, selection)
                        same &= bool((np.asarray(entrant.masks(given, removed)) == masks).all())
                        every.append((entrant.forward(given, removed, forward), *entrant.norms(given, removed, norms)))
        for found in every:
            on_cpu = [a.cpu() if hasattr(a, "cpu") else np.asarray(a) for a in found]
            errors = [np.abs(np.asarray(a) / b - 1).max() for a, b in zip(on_cpu, expected, strict=True)]
            worst = np.maximum(worst, errors)
        said = "k smallest removed" if same else "REMOVES OTHERS"
        if not hasattr(entrant, "selection"):
            said = "masks given"
        print(f"  {entrant.name:22} relative errors: gap {worst[0]:.0e}, norms {worst[1]:.0e}, {worst[2]:.0e}; {said}")


# Timing -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Way:
    """How a contestant does it."""

    threads: int
    batch: int
    sparse: bool
    variants: Mapping[str, str]
    seconds: float = 0.0  # a trial, as found when it was chosen

    def __str__(self) -> str:
        said = [f"{self.threads} Python thread{'s' * (self.threads > 1)}", f"batch {self.batch}"]
        return ", ".join((*said, *["sparse"] * self.sparse, *filter(None, self.variants.values())))


def layouts_of(work: Workload, entrant) -> tuple[bool, ...]:
    return (True, False) if work.few and entrant.knows_sparse else (False,)


class Runner:
    """Times one contestant at one workload; what its stages work on is drawn once."""

    def __init__(self, work: Workload, entrant) -> None:
        self.work, self.entrant = work, entrant
        self.drawn: dict[tuple, tuple] = {}

    def program(self, way: Way, stage: str, thread: int) -> Callable[[int], object]:
        """What to run for one batch of the stage or of the whole; needs the number of the batch."""
        entrant, v = self.entrant, way.variants
        if stage == "sampling":
            return lambda i: entrant.sampling(way.batch, 2 * i + thread, v[stage])
        if stage == WHOLE and hasattr(entrant, "whole"):
            return lambda i: entrant.whole(way.batch, 2 * i + thread, way.sparse, v)
        if stage == WHOLE:

            def whole(i: int) -> object:
                weights = entrant.sampling(way.batch, 2 * i + thread, v["sampling"])
                removed = entrant.selection(weights, way.sparse, v["selection"])
                return entrant.forward(weights, removed, v["forward"]), entrant.norms(weights, removed, v["norms"])

            return whole
        key = way.batch, way.sparse, thread
        if key not in self.drawn:
            weights = entrant.sampling(way.batch, thread, entrant.variants("sampling", way.sparse)[0])
            removed = entrant.selection(weights, way.sparse, entrant.variants("selection", way.sparse)[0])
            self.drawn[key] = weights, removed
        weights, removed = self.drawn[key]
        if stage == "selection":
            return lambda i: entrant.selection(weights, way.sparse, v[stage])
        work = getattr(entrant, stage)
        return lambda i: work(weights, removed, v[stage])

    def timed(self, way: Way, stage: str, seconds: float) -> float:
        """Seconds a trial: of as many batches as take that long by the way's own figure, at least one a thread."""
        expected = way.seconds * way.batch * way.threads
        repeats = max(1, round(seconds / expected)) if expected else 1
        gate = threading.Barrier(way.threads)
        finish = getattr(self.entrant, "finish", lambda: None)

        def task(thread: int) -> tuple[float, float]:
            with self.entrant.context(way.threads):
                run = self.program(way, stage, thread)
                gate.wait()
                start = time.perf_counter()
                for i in range(repeats):
                    run(i)
                finish()
                return start, time.perf_counter()

        with self.entrant.context(way.threads):
            if way.threads == 1:
                spans = [task(0)]
            else:
                with ThreadPoolExecutor(way.threads) as pool:
                    spans = list(pool.map(task, range(way.threads)))
        started, ended = zip(*spans, strict=True)
        return (max(ended) - min(started)) / (repeats * way.batch * way.threads)

    def fastest(self, ways: Sequence[Way], stage: str, seconds: float) -> Way:
        """The best of the ways with its time: each is run once in vain, once to see, and again if it may win."""
        best = None
        for way in ways:
            once = way.batch * way.threads
            first = self.timed(way, stage, 0.0)
            if first * once < 8 * seconds or (len(ways) > 1 and (best is None or first < 8 * best.seconds)):
                first = self.timed(way, stage, 0.0)  # what was first may have been compiled
            way = replace(way, seconds=first)
            if first * once < 2 * seconds and (best is None or first < 2 * best.seconds):
                way = replace(way, seconds=min(self.timed(way, stage, seconds) for _ in range(2)))
            if best is None or way.seconds < best.seconds:
                best = way
        assert best is not None
        return best

    def choose(self, seconds: float, with_stages: bool) -> dict[str, Way]:
        """The best way of the whole and of each stage: variants at a middling batch, then batches and threads."""
        entrant = self.entrant
        stages = [stage for stage in STAGES if hasattr(entrant, stage)]
        batches, threads = entrant.batches(), entrant.threads[-1]
        batch = batches[len(batches) // 2]
        layouts: dict[bool, list[Way]] = {}
        for sparse in layouts_of(self.work, entrant):
            layouts[sparse] = []
            for stage in stages:
                ways = [Way(threads, batch, sparse, {stage: variant}) for variant in entrant.variants(stage, sparse)]
                usual = len(ways) == 1 and not entrant.knows_sparse  # nothing to choose, neither here nor below
                layouts[sparse].append(ways[0] if usual else self.fastest(ways, stage, seconds))
        totals = {sparse: sum(way.seconds for way in ways) for sparse, ways in layouts.items()}
        wholes = []
        for sparse, ways in layouts.items():
            if totals[sparse] <= 1.3 * min(totals.values()):
                variants = {name: variant for way in ways for name, variant in way.variants.items()}
                together = [variants | {WHOLE: v} for v in entrant.variants(WHOLE, sparse)]
                wholes += [Way(t, b, sparse, v) for v in together for t in entrant.threads for b in batches]
        best = {WHOLE: self.fastest(wholes, WHOLE, seconds)}
        for i, stage in enumerate(stages if with_stages else ()):
            start = min((ways[i] for ways in layouts.values()), key=lambda way: way.seconds)
            others = [replace(start, threads=t, batch=b) for t in entrant.threads for b in batches]
            best[stage] = self.fastest(others, stage, seconds)
        self.drawn.clear()
        return best


@dataclass
class Result:
    """Seconds a trial of one contestant at one workload, by stage and round."""

    work: Workload
    name: str
    ways: dict[str, Way]
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def median(self, stage: str = WHOLE) -> float:
        return statistics.median(self.rounds[stage])


def measure(work: Workload, entrants: Sequence, options: argparse.Namespace) -> list[Result]:
    """Choose everyone's way, then alternate."""
    runners = [Runner(work, entrant) for entrant in entrants]
    results = []
    for runner in runners:
        start = time.perf_counter()
        ways = runner.choose(options.seconds / 8, options.stages)
        results.append(Result(work, runner.entrant.name, ways))
        print(f"  {runner.entrant.name:22} {ways[WHOLE]} ({time.perf_counter() - start:.0f} s to find)", flush=True)
    for turn in range(options.rounds):
        for i in range(len(runners)):
            runner, result = runners[(turn + i) % len(runners)], results[(turn + i) % len(runners)]
            for stage, way in result.ways.items():
                slow = way.seconds * way.batch * way.threads > 4 * options.seconds
                if (options.stages or stage == WHOLE) and not (slow and turn >= 3):
                    share = options.seconds if stage == WHOLE else options.seconds / 3
                    result.rounds.setdefault(stage, []).append(runner.timed(way, stage, share))
    return results


def ceilings(precision: str, rounds: int) -> dict[str, float]:
    """GFLOP/s of the best matrix product and GB/s of a copy in two threads, as medians."""
    dtype, n = DTYPES[precision], 2048
    a, b = np.ones((n, n), dtype), np.ones((n, n), dtype)
    products = {"NumPy": lambda: a @ b}
    try:
        import torch

        torch.set_num_threads(2)
        pair = torch.from_numpy(a), torch.from_numpy(b)
        products["PyTorch"] = lambda: torch.matmul(*pair)
    except ImportError:
        pass
    source, target = np.ones(2**25), np.zeros(2**25)
    halves = [(target[:half], source[:half]) if half else (target[2**24 :], source[2**24 :]) for half in (2**24, 0)]

    def seconds(work: Callable[[], object]) -> float:
        work()
        spans = []
        for _ in range(rounds):
            start = time.perf_counter()
            work()
            spans.append(time.perf_counter() - start)
        return statistics.median(spans)

    with ThreadPoolExecutor(2) as pool:
        copied = seconds(lambda: list(pool.map(lambda pair: np.copyto(*pair), halves)))
    fastest = min(seconds(work) for work in products.values())
    return {"GFLOP/s": 2 * n**3 / fastest / 1e9, "GB/s": 2 * source.nbytes / copied / 1e9}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", default="32,64,128,256,512,1024")
    parser.add_argument("--powers", default="0.5,0.9", help="k = D^power weights of each layer are removed")
    parser.add_argument("--precision", choices=(*DTYPES, "both"), default="single")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--seconds", type=float, default=0.3, help="of each measurement of a whole; a third for a stage"
    )
    parser.add_argument("--stages", action="store_true", help="time every stage alone, too")
    parser.add_argument(
        "--only", default="", help="contestants whose names contain one of these words, comma-separated"
    )
    parser.add_argument("--quick", action="store_true", help="two widths, one power, three short rounds")
    parser.add_argument("--plot", metavar="PNG")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if options.quick:
        for option, value in {"widths": "32,128", "powers": "0.5", "rounds": 3, "seconds": 0.1}.items():
            if getattr(options, option) == parser.get_default(option):
                setattr(options, option, value)
    warnings.filterwarnings("ignore", message="Sparse CSR tensor support", category=UserWarning)

    from kernels_output import exponents, plot, tables_of  # as above

    console = Console(width=max(150, Console().width))
    classes = [c for c in contestants() if any(word in c.__name__.lower() for word in options.only.lower().split(","))]
    widths = [int(d) for d in options.widths.split(",")]
    powers = [float(p) for p in options.powers.split(",")]
    everything: list[Result] = []
    for precision in DTYPES if options.precision == "both" else (options.precision,):
        limits = ceilings(precision, options.rounds)
        found = f"matrix product {limits['GFLOP/s']:.0f} GFLOP/s, copy {limits['GB/s']:.0f} GB/s"
        print(f"{precision}: {found}; load {os.getloadavg()[0]:.1f}")
        for power in powers:
            here: list[Result] = []
            for width in widths:
                work = Workload(width, power, precision)
                print(f"\n{work}", flush=True)
                entrants = [c(work) for c in classes]
                agree(work, entrants)
                here += measure(work, entrants, options)
            console.print()
            for stage in (WHOLE, *STAGES) if options.stages else (WHOLE,):
                console.print(tables_of(here, stage, limits["GFLOP/s"]))
            if options.stages:
                console.print(exponents(here))
            everything += here
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump([asdict(result) for result in everything], file, indent=1)
    if options.plot:
        plot(everything, options.plot)


if __name__ == "__main__":
    main()
