"""PyTorch's best at the trials of `kernels.py`, which says what a contestant is; and two usual ways to write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

try:
    import torch
    from torch.nn import functional
except ImportError:  # kernels.py says so: test runners import this file
    torch = None

FEW = 24
"""Up to so many tridiagonal matrices go to LAPACK."""


class _Torch:
    device = "cpu"

    def __init__(self, work) -> None:
        self.work = work
        self.dtype = getattr(torch, work.dtype)
        self.inputs = torch.tensor(np.ascontiguousarray(work.inputs.T), dtype=self.dtype, device=self.device)
        start = np.random.default_rng(0).standard_normal(work.width)
        self.start = torch.tensor(start / np.linalg.norm(start), dtype=self.dtype, device=self.device)

    def generator(self, seed: int) -> torch.Generator:
        return torch.Generator(self.device).manual_seed(seed)

    @contextmanager
    def context(self, threads: int) -> Iterator[None]:
        """Also entered by every Python thread: these settings are a thread's own."""
        torch.set_num_threads(2 // threads)
        with torch.inference_mode():
            yield

    def given(self, weights: np.ndarray) -> torch.Tensor:
        return torch.tensor(weights, dtype=self.dtype)

    def through(self, weights: torch.Tensor) -> torch.Tensor:
        """Outputs [trial, row, input]."""
        layers, batch, d = weights.shape[:3]
        hidden = (weights[0].reshape(-1, d) @ self.inputs).view(batch, d, -1)
        for i in range(1, layers):
            hidden = torch.bmm(weights[i], hidden.relu_())
        return hidden


class NaiveTorch(_Torch):
    """One trial and one layer at a time: as `torch.nn.utils.prune.l1_unstructured` does it, and `svdvals`."""

    name = "naive loop"
    threads = (1,)
    knows_sparse = False

    def batches(self) -> tuple[int, ...]:
        return (1,)

    def variants(self, stage: str, sparse: bool) -> tuple[str, ...]:
        return ("",)

    def masks(self, weights: torch.Tensor, removed: torch.Tensor) -> np.ndarray:
        return removed.numpy() == 0

    def sampling(self, batch: int, seed: int, variant: str) -> torch.Tensor:
        d, half = self.work.width, self.work.half_width
        generator = self.generator(seed)
        layers = [torch.empty(d, d, dtype=self.dtype) for _ in range(self.work.layers)]
        return torch.stack([w.uniform_(-half, half, generator=generator) for w in layers])[:, None]

    def selection(self, weights: torch.Tensor, sparse: bool, variant: str) -> torch.Tensor:
        """Masks of what is kept, as `prune` makes them."""
        masks = torch.ones_like(weights)
        for layer, mask in zip(weights.flatten(0, 1), masks.flatten(0, 1), strict=True):
            smallest = torch.topk(layer.abs().view(-1), k=self.work.removed, largest=False)
            mask.view(-1)[smallest.indices] = 0
        return masks

    def forward(self, weights: torch.Tensor, removed: torch.Tensor, variant: str) -> torch.Tensor:
        gaps = []
        for trial in range(weights.shape[1]):
            target = pruned = self.inputs.T
            for i, (w, mask) in enumerate(zip(weights[:, trial], removed[:, trial], strict=True)):
                target = functional.linear(target, w)
                pruned = functional.linear(pruned, w * mask)
                if i + 1 < len(weights):
                    target, pruned = functional.relu(target), functional.relu(pruned)
            gaps.append((target - pruned).norm(dim=1).max())
        return torch.stack(gaps)

    def norms(self, weights: torch.Tensor, removed: torch.Tensor, variant: str) -> tuple[torch.Tensor, torch.Tensor]:
        shape = weights.shape[:2]
        pairs = list(zip(weights.flatten(0, 1), removed.flatten(0, 1), strict=True))
        found = torch.stack([torch.linalg.svdvals(w)[0] for w, _ in pairs])
        rest = torch.stack([torch.linalg.svdvals(w - w * mask)[0] for w, mask in pairs])
        return found.view(shape), rest.view(shape)


class IdiomaticTorch(_Torch):
    """Batched, as one writes it at the first go: rand, kthvalue, matmul, matrix_norm."""

    name = "idiomatic torch"
    threads = (1,)
    knows_sparse = False

    def batches(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(max(1, size // self.work.weights) for size in (2**17, 2**20)))

    def variants(self, stage: str, sparse: bool) -> tuple[str, ...]:
        return ("",)

    def masks(self, weights: torch.Tensor, removed: torch.Tensor) -> np.ndarray:
        return removed.cpu().numpy()

    def sampling(self, batch: int, seed: int, variant: str) -> torch.Tensor:
        d = self.work.width
        generator = self.generator(seed)
        unit = torch.rand(self.work.layers, batch, d, d, generator=generator, dtype=self.dtype)
        return (2 * unit - 1) * self.work.half_width

    def selection(self, weights: torch.Tensor, sparse: bool, variant: str) -> torch.Tensor:
        sizes = weights.abs()
        last = sizes.flatten(2).kthvalue(self.work.removed, dim=2).values
        return sizes <= last[:, :, None, None]

    def forward(self, weights: torch.Tensor, removed: torch.Tensor, variant: str) -> torch.Tensor:
        target = pruned = self.inputs
        kept = torch.where(removed, 0.0, weights)
        for i in range(len(weights)):
            target, pruned = weights[i] @ target, kept[i] @ pruned
            if i + 1 < len(weights):
                target, pruned = torch.relu(target), torch.relu(pruned)
        return torch.linalg.vector_norm(target - pruned, dim=1).amax(1)

    def norms(self, weights: torch.Tensor, removed: torch.Tensor, variant: str) -> tuple[torch.Tensor, torch.Tensor]:
        rest = torch.where(removed, weights, 0.0)
        return torch.linalg.matrix_norm(weights, ord=2), torch.linalg.matrix_norm(rest, ord=2)


class TunedTorch(_Torch):
    """Half the random words of rand, a narrow window of candidates, bmm, Lanczos in row-vector form."""

    name = "tuned torch"
    threads = (1, 2)
    knows_sparse = True

    def batches(self) -> tuple[int, ...]:
        return self.work.batches

    def variants(self, stage: str, sparse: bool) -> tuple[str, ...]:
        return {
            "sampling": ("bits", "uniform"),
            "selection": ("window", "topk"),
            "norms": ("gram gather", "gram blocks", "two-sided gather", "two-sided blocks")
            if sparse
            else ("gram", "two-sided"),
        }.get(stage, ("",))

    def masks(self, weights: torch.Tensor, removed: torch.Tensor) -> np.ndarray:
        if removed.dim() == 4:
            return (removed != 0).cpu().numpy()
        found = np.zeros(weights.shape, bool)
        found.reshape(len(removed), -1)[np.arange(len(removed))[:, None], removed.cpu().numpy()] = True
        return found

    def sampling(self, batch: int, seed: int, variant: str) -> torch.Tensor:
        d, half = self.work.width, self.work.half_width
        shape = (self.work.layers, batch, d, d)
        generator = self.generator(seed)
        if variant == "uniform":
            return torch.empty(shape, dtype=self.dtype).uniform_(-half, half, generator=generator)
        size = self.dtype.itemsize
        words = torch.empty(4 * batch * d * d * size // 8, dtype=torch.int64)
        words.random_(-(2**63), None, generator=generator)
        words = words.view(torch.int32 if size == 4 else torch.int64).view(shape)
        return words.to(self.dtype).mul_(half / 2.0 ** (8 * size - 1))

    def selection(self, weights: torch.Tensor, sparse: bool, variant: str) -> torch.Tensor:
        """What is removed: indices [layer · trial, k], or a copy of the weights that is zero elsewhere."""
        sizes = weights.flatten(2).flatten(0, 1).abs()
        found = self.window(sizes, sparse) if variant == "window" else None
        if found is None:
            values, found = sizes.topk(self.work.removed, largest=False, sorted=False)
            if not sparse:
                found = values.amax(1)
        if sparse:
            return found
        if len(sizes) <= FEW:  # hardshrink is one pass, with one threshold
            kept = [
                functional.hardshrink(w, last) for w, last in zip(weights.flatten(0, 1), found.tolist(), strict=True)
            ]
            return weights - torch.stack(kept).view(weights.shape)
        return torch.where((sizes <= found[:, None]).view(weights.shape), weights, 0.0)

    def window(self, sizes: torch.Tensor, sparse: bool) -> torch.Tensor | None:
        """As in `peers_numpy`."""
        n, total = sizes.shape
        k = self.work.removed
        low, high = self.work.window
        below = torch.zeros(n, dtype=torch.int64)
        if sparse or low <= 0:
            candidates = torch.nonzero((sizes < high).view(-1)).view(-1)
        else:
            middle, reach = (low + high) / 2, (high - low) / 2
            below = torch.stack([torch.count_nonzero(row < middle) for row in sizes])
            candidates = torch.nonzero(((sizes - middle).abs() < reach).view(-1)).view(-1)
        rows = candidates // total
        ends = torch.searchsorted(rows, torch.arange(n + 1))
        counts = ends.diff()
        values = sizes.view(-1)[candidates]
        if not sparse and low > 0:
            below -= torch.zeros(n, dtype=torch.int64).index_add_(0, rows, (values < middle).to(torch.int64))
        rank = k - below
        if bool((rank < 1).any() | (counts < rank).any()):
            return None
        table = torch.full((n, int(counts.max())), torch.inf, dtype=self.dtype)
        table[rows, torch.arange(len(candidates)) - ends[rows]] = values
        last = table.sort(1).values.gather(1, rank[:, None] - 1)
        if not sparse:
            return last[:, 0]
        kept = candidates[values <= last[rows, 0]]
        return kept.view(n, k) % total if len(kept) == n * k else None

    def forward(self, weights: torch.Tensor, removed: torch.Tensor, variant: str) -> torch.Tensor:
        target = self.through(weights)
        if removed.dim() == 4:
            pruned = self.through(weights - removed)
        else:
            flat = weights.view(len(removed), -1)
            taken = flat.gather(1, removed)
            flat.scatter_(1, removed, 0.0)
            pruned = self.through(weights)
            flat.scatter_(1, removed, taken)
        return torch.linalg.vector_norm(target.sub_(pruned), dim=1).amax(1)

    def norms(self, weights: torch.Tensor, removed: torch.Tensor, variant: str) -> tuple[torch.Tensor, torch.Tensor]:
        shape, d = weights.shape[:2], self.work.width
        form, _, rest = variant.partition(" ")
        found = self.norm(weights.view(-1, d, d), form)
        if not rest:
            return found.view(shape), self.norm(removed.view(-1, d, d), form).view(shape)
        values = weights.view(len(removed), -1).gather(1, removed)
        return found.view(shape), getattr(self, f"{rest}_norm")(values, removed).view(shape)

    def norm(self, a: torch.Tensor, form: str) -> torch.Tensor:
        if form == "gram":
            gram = torch.bmm(a.mT, a)
            return self.lanczos(lambda v: torch.bmm(v[:, None], gram)[:, 0], len(a))
        return self.lanczos(lambda v: torch.bmm(torch.bmm(v[:, None], a), a.mT)[:, 0], len(a))

    def gather_norm(self, values: torch.Tensor, removed: torch.Tensor) -> torch.Tensor:
        rows, columns = removed // self.work.width, removed % self.work.width

        def gram(v: torch.Tensor) -> torch.Tensor:
            u = torch.zeros_like(v).scatter_add_(1, columns, v.gather(1, rows) * values)
            return torch.zeros_like(v).scatter_add_(1, rows, u.gather(1, columns) * values)

        return self.lanczos(gram, len(values))

    def blocks_norm(self, values: torch.Tensor, removed: torch.Tensor) -> torch.Tensor:
        """All matrices as the diagonal blocks of a sparse matrix, which MKL multiplies with."""
        n, d = len(values), self.work.width
        first = d * torch.arange(n)[:, None]
        rows, columns = (removed // d + first).view(-1), (removed % d + first).view(-1)
        both = []
        for i, j in ((rows, columns), (columns, rows)):
            order = torch.argsort(i * (n * d) + j)
            ends = torch.zeros(n * d + 1, dtype=torch.int32)
            torch.cumsum(torch.bincount(i, minlength=n * d), 0, dtype=torch.int32, out=ends[1:])
            columns_of_rows = j[order].to(torch.int32)
            both.append(
                torch.sparse_csr_tensor(
                    ends, columns_of_rows, values.view(-1)[order], (n * d, n * d), check_invariants=False
                )
            )
        blocks, across = both
        return self.lanczos(lambda v: (blocks @ (across @ v.reshape(-1, 1))).view(n, d), n)

    def lanczos(self, gram, n: int) -> torch.Tensor:
        """The root of the largest Ritz value of n Gram matrices."""
        tiny = torch.finfo(self.dtype).tiny
        diagonal, off = [], []
        v = self.start.expand(n, -1).contiguous()
        before = None
        for _ in range(self.work.lanczos_steps):
            w = gram(v)
            if before is not None:
                w.addcmul_(before, off[-1], value=-1)
            diagonal.append((v * w).sum(1, keepdim=True))
            w.addcmul_(v, diagonal[-1], value=-1)
            off.append(torch.linalg.vector_norm(w, dim=1, keepdim=True).clamp_(min=tiny))
            before, v = v, w.div_(off[-1])
        return largest_root(torch.cat(diagonal, 1).T.contiguous(), torch.cat(off[:-1], 1).T.contiguous()).sqrt()


class _OnGpu(_Torch):
    """What is made without saying where is made on the GPU."""

    device = "cuda"
    threads = (1,)

    @contextmanager
    def context(self, threads: int) -> Iterator[None]:
        with super().context(threads), torch.device(self.device):
            yield

    def batches(self) -> tuple[int, ...]:
        return tuple(max(1, size // self.work.weights) for size in (2**24, 2**26, 2**28))

    def finish(self) -> None:
        torch.cuda.synchronize()


class IdiomaticTorchOnGpu(_OnGpu, IdiomaticTorch):
    name = "idiomatic torch, GPU"


class TunedTorchOnGpu(_OnGpu, TunedTorch):
    name = "tuned torch, GPU"


def largest_root(diagonal: torch.Tensor, off: torch.Tensor) -> torch.Tensor:
    """The largest eigenvalues of tridiagonal matrices [steps, n]: by LAPACK if few, else all at once by bisection."""
    steps, n = diagonal.shape
    if n <= FEW:
        return torch.linalg.eigvalsh(torch.diag_embed(diagonal.T) + torch.diag_embed(off.T, -1))[:, -1]
    squares = (-(off**2)).unbind()
    rows = diagonal.unbind()
    low = diagonal.amax(0)
    reach = functional.pad(off, (0, 0, 1, 1))
    high = (diagonal + reach[1:] + reach[:-1]).amax(0)
    for _ in range(22):
        x = (low + high) / 2
        pivot = least = x - rows[0]
        for j in range(1, steps):
            pivot = torch.addcdiv(x - rows[j], squares[j - 1], pivot)
            least = torch.minimum(least, pivot)
        above = least > 0
        high = torch.where(above, x, high)
        low = torch.where(above, low, x)
    return high
