"""Products of matrices on CUDA: tiles of both factors in shared memory, a tile of the result in registers.

The lanes of a team form a grid that is ACROSS wide. Each of them sums TALL × WIDE results, as far apart as the grid is
high and wide, so that neighbours read neighbouring numbers. The products of one result are added in order, as
multiply-adds.
"""

from __future__ import annotations

from . import linear_bodies, tile_bodies
from .jit import FloatArray, IntArray, body
from .team_cuda import SIMULATED, cuda, on_cuda

TALL = 8
WIDE = 4
DEPTH = 16
ACROSS = 2 if SIMULATED else 16
WIDTH = WIDE * ACROSS
TILE = TALL * WIDE


@body
def add_tile(totals: FloatArray, shared: FloatArray, high: int) -> None:
    """Add the products of left[DEPTH, TALL · high + 1] and right[DEPTH, WIDTH], one after the other in shared memory.

    Rows of `left` are one longer than need be, for lanes to write to different banks of memory.
    """
    row, column = cuda.threadIdx.x // ACROSS, cuda.threadIdx.x % ACROSS
    right = DEPTH * (TALL * high + 1)
    for k in range(DEPTH):
        for i in range(TALL):
            factor = shared[k * (TALL * high + 1) + row + i * high]
            for j in range(WIDE):
                totals[i * WIDE + j] += factor * shared[right + k * WIDTH + column + j * ACROSS]


@on_cuda(tile_bodies.add_products)
def add_products(
    out: FloatArray,
    at: int,
    apart: int,
    a: FloatArray,
    m: int,
    rows: FloatArray,
    start: int,
    offsets: IntArray,
    length: int,
) -> None:
    """As `tile_bodies.add_products`."""
    lane, lanes = cuda.threadIdx.x, cuda.blockDim.x
    high = lanes // ACROSS
    height = TALL * high
    row, column = lane // ACROSS, lane % ACROSS
    shared = cuda.shared.array(0, out.dtype)
    right = DEPTH * (height + 1)
    totals = cuda.local.array(TILE, out.dtype)
    zero = out.dtype.type(0)
    count = offsets.shape[0]
    for top in range(0, m, height):
        for left in range(0, length, WIDTH):
            for e in range(TILE):
                i, c = top + row + e // WIDE * high, left + column + e % WIDE * ACROSS
                totals[e] = out[at + apart * i + c] if i < m and c < length else zero
            for first in range(0, count, DEPTH):
                for e in range(lane, height * DEPTH, lanes):
                    i, k = top + e // DEPTH, first + e % DEPTH
                    value = a[i * count + k] if i < m and k < count else zero
                    shared[e % DEPTH * (height + 1) + e // DEPTH] = value
                for e in range(lane, WIDTH * DEPTH, lanes):
                    k, c = first + e // WIDTH, left + e % WIDTH
                    shared[right + e] = rows[start + offsets[k] + c] if k < count and c < length else zero
                cuda.syncthreads()
                add_tile(totals, shared, high)
                cuda.syncthreads()
            for e in range(TILE):
                i, c = top + row + e // WIDE * high, left + column + e % WIDE * ACROSS
                if i < m and c < length:
                    out[at + apart * i + c] = totals[e]
    cuda.syncthreads()


@on_cuda(linear_bodies.gram)
def gram(out: FloatArray, a: FloatArray) -> None:
    """As `linear_bodies.gram`."""
    q, p = a.shape
    lane, lanes = cuda.threadIdx.x, cuda.blockDim.x
    high = lanes // ACROSS
    height = TALL * high
    row, column = lane // ACROSS, lane % ACROSS
    shared = cuda.shared.array(0, out.dtype)
    right = DEPTH * (height + 1)
    totals = cuda.local.array(TILE, out.dtype)
    zero = out.dtype.type(0)
    for top in range(0, p, height):
        for left in range(top // WIDTH * WIDTH, p, WIDTH):
            for e in range(TILE):
                totals[e] = zero
            for first in range(0, q, DEPTH):
                for e in range(lane, height * DEPTH, lanes):
                    k, i = first + e // height, top + e % height
                    shared[e // height * (height + 1) + e % height] = a[k, i] if k < q and i < p else zero
                for e in range(lane, WIDTH * DEPTH, lanes):
                    k, c = first + e // WIDTH, left + e % WIDTH
                    shared[right + e] = a[k, c] if k < q and c < p else zero
                cuda.syncthreads()
                add_tile(totals, shared, high)
                cuda.syncthreads()
            for e in range(TILE):
                i, c = top + row + e // WIDE * high, left + column + e % WIDE * ACROSS
                if i <= c < p:
                    out[i, c] = totals[e]
                    out[c, i] = totals[e]
    cuda.syncthreads()
