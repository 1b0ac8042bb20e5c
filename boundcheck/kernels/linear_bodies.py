"""Dense linear algebra in plain loops: every inner loop runs along a row, eight rows at a time.

The order of every sum is fixed by the shapes alone (on CUDA: and by the size of the team), so results do not
depend on threads or on the vector width of the machine.
"""

from __future__ import annotations

import math

from .jit import FloatArray, body
from .team import device_body, lane, lanes, rank, ranks, squad, squad_stretch, squads, stretch, sync, team_sum


@body
def add_eight_rows(
    out: FloatArray,
    rows: FloatArray,
    first: int,
    start: int,
    a0: float,
    a1: float,
    a2: float,
    a3: float,
    a4: float,
    a5: float,
    a6: float,
    a7: float,
) -> None:
    """Add a0 · rows[first] + … + a7 · rows[first + 7] to `out`, from column `start` of the rows on.

    A squad does it, alone; does not sync.
    """
    length = out.shape[0]
    stop = start + length
    r0 = rows[first, start:stop]
    r1 = rows[first + 1, start:stop]
    r2 = rows[first + 2, start:stop]
    r3 = rows[first + 3, start:stop]
    r4 = rows[first + 4, start:stop]
    r5 = rows[first + 5, start:stop]
    r6 = rows[first + 6, start:stop]
    r7 = rows[first + 7, start:stop]
    for j in range(rank(), length, ranks()):
        x = out[j]
        x += a0 * r0[j]
        x += a1 * r1[j]
        x += a2 * r2[j]
        x += a3 * r3[j]
        x += a4 * r4[j]
        x += a5 * r5[j]
        x += a6 * r6[j]
        x += a7 * r7[j]
        out[j] = x


@body
def add_row(out: FloatArray, row: FloatArray, a: float) -> None:
    """Add a · row to `out`; does not sync."""
    for j in range(lane(), out.shape[0], lanes()):
        out[j] += a * row[j]


@body
def add_row_in_squad(out: FloatArray, row: FloatArray, a: float) -> None:
    """Add a · row to `out`. A squad does it, alone; does not sync."""
    for j in range(rank(), out.shape[0], ranks()):
        out[j] += a * row[j]


@body
def dot(a: FloatArray, b: FloatArray) -> float:
    """Inner product in eight interleaved partial sums. A lane does it, alone."""
    length = a.shape[0]
    whole = length - length % 8
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for i in range(0, whole, 8):
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
        s4 += a[i + 4] * b[i + 4]
        s5 += a[i + 5] * b[i + 5]
        s6 += a[i + 6] * b[i + 6]
        s7 += a[i + 7] * b[i + 7]
    for i in range(whole, length):
        s0 += a[i] * b[i]
    return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7))


@body
def team_dot(a: FloatArray, b: FloatArray) -> float:
    """Inner product."""
    start, stop = stretch(a.shape[0])
    return team_sum(dot(a[start:stop], b[start:stop]))


@device_body
def gram(out: FloatArray, a: FloatArray) -> None:
    """out[p, p] = AᵀA of a[q, p]: the upper triangle is computed and mirrored; on CUDA see `tile_cuda`."""
    q, p = a.shape
    for i in range(p):
        for j in range(i, p):
            out[i, j] = 0.0
    whole = q - q % 8
    for k in range(0, whole, 8):
        for i in range(p):
            a0, a1, a2, a3 = a[k, i], a[k + 1, i], a[k + 2, i], a[k + 3, i]
            a4, a5, a6, a7 = a[k + 4, i], a[k + 5, i], a[k + 6, i], a[k + 7, i]
            if (
                a0 != 0.0 or a1 != 0.0 or a2 != 0.0 or a3 != 0.0
                or a4 != 0.0 or a5 != 0.0 or a6 != 0.0 or a7 != 0.0
            ):  # fmt: skip
                add_eight_rows(out[i, i:], a, k, i, a0, a1, a2, a3, a4, a5, a6, a7)
    for k in range(whole, q):
        for i in range(p):
            if a[k, i] != 0.0:
                add_row(out[i, i:], a[k, i:], a[k, i])
    for i in range(p):
        for j in range(i + 1, p):
            out[j, i] = out[i, j]


@body
def symmetric_times(out: FloatArray, a: FloatArray, x: FloatArray) -> None:
    """Out = A x for a symmetric A, as a combination of its rows."""
    p = a.shape[0]
    start, stop = squad_stretch(p)
    part = out[start:stop]
    for i in range(rank(), stop - start, ranks()):
        part[i] = 0.0
    whole = p - p % 8
    for k in range(0, whole, 8):
        add_eight_rows(part, a, k, start, x[k], x[k + 1], x[k + 2], x[k + 3], x[k + 4], x[k + 5], x[k + 6], x[k + 7])
    for k in range(whole, p):
        add_row_in_squad(part, a[k, start:stop], x[k])
    sync()


@body
def cholesky(a: FloatArray) -> int:
    """Overwrite the upper triangle of a[p, p] by R with RᵀR = A; return -1.

    Stops at the first pivot that is not positive and finite and returns its index j: then the rows of R
    above j are final, and so is column j of them. A right-looking factorisation in panels of eight rows.
    """
    p = a.shape[0]
    for start in range(0, p, 8):
        stop = min(start + 8, p)
        for j in range(start, stop):
            for k in range(start, j):
                add_row(a[j, j:], a[k, j:], -a[k, j])
            sync()
            pivot = a[j, j]
            sync()
            if not (pivot > 0.0 and pivot < math.inf):
                return j
            root = math.sqrt(pivot)
            row = a[j, j:]
            for i in range(lane(), row.shape[0], lanes()):
                row[i] /= root
            sync()
        if stop - start == 8:
            k = start
            for r in range(squad(), p - stop, squads()):
                i = stop + r
                add_eight_rows(
                    a[i, i:], a, k, i,
                    -a[k, i], -a[k + 1, i], -a[k + 2, i], -a[k + 3, i],
                    -a[k + 4, i], -a[k + 5, i], -a[k + 6, i], -a[k + 7, i],
                )  # fmt: skip
            sync()
    return -1


@body
def negative_direction(x: FloatArray, factor: FloatArray, failed: int) -> None:
    """A vector x with xᵀAx <= 0 (up to rounding) for the A whose `cholesky` failed at pivot `failed`.

    With R of the leading block and r = factor[:failed, failed], x = (-R⁻¹r, 1, 0, …) gives the pivot.
    """
    for i in range(lane(), x.shape[0], lanes()):
        x[i] = 1.0 if i == failed else 0.0
    sync()
    for i in range(failed - 1, -1, -1):
        total = factor[i, failed] + team_dot(factor[i, i + 1 : failed], x[i + 1 : failed])
        if lane() == 0:
            x[i] = -total / factor[i, i]
        sync()
