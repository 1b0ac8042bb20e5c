"""Steps of a Cholesky factorisation in sixteen lanes: four entries of a column at a time.

An entry is 16 real parts, then 16 imaginary ones, one a lane; see `hermitian_bodies`. All is written out, since the
compiler turns only innermost loops into vector instructions, and only where few checks for overlap are due.
"""

from __future__ import annotations

import math

from .jit import FloatArray, body

LANES = 16


@body
def minus_real(x: float, a: float, b: float, c: float, d: float) -> float:
    """The real part of x - conj(a + ib) (c + id)."""
    x -= a * c
    x -= b * d
    return x


@body
def minus_imaginary(x: float, a: float, b: float, c: float, d: float) -> float:
    """The imaginary part of ix - conj(a + ib) (c + id)."""
    x -= a * d
    x += b * c
    return x


@body
def minus_products(
    re: float, im: float, a: FloatArray, lane: int,
    y0: float, z0: float, y1: float, z1: float, y2: float, z2: float, y3: float, z3: float,
) -> tuple[float, float]:  # fmt: skip
    """One lane of re + i·im less the products of four numbers y + i·z with the conjugates of a[4 entries]."""
    re = minus_real(re, a[lane], a[LANES + lane], y0, z0)
    im = minus_imaginary(im, a[lane], a[LANES + lane], y0, z0)
    re = minus_real(re, a[2 * LANES + lane], a[3 * LANES + lane], y1, z1)
    im = minus_imaginary(im, a[2 * LANES + lane], a[3 * LANES + lane], y1, z1)
    re = minus_real(re, a[4 * LANES + lane], a[5 * LANES + lane], y2, z2)
    im = minus_imaginary(im, a[4 * LANES + lane], a[5 * LANES + lane], y2, z2)
    re = minus_real(re, a[6 * LANES + lane], a[7 * LANES + lane], y3, z3)
    im = minus_imaginary(im, a[6 * LANES + lane], a[7 * LANES + lane], y3, z3)
    return re, im


@body
def eliminate_four(out: FloatArray, y: FloatArray, a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> None:
    """Subtract from out[4 entries] the products of y[4 entries] with the conjugates of those of a, b, c and d."""
    for lane in range(LANES):
        y0, z0 = y[lane], y[LANES + lane]
        y1, z1 = y[2 * LANES + lane], y[3 * LANES + lane]
        y2, z2 = y[4 * LANES + lane], y[5 * LANES + lane]
        y3, z3 = y[6 * LANES + lane], y[7 * LANES + lane]
        re, im = minus_products(out[lane], out[LANES + lane], a, lane, y0, z0, y1, z1, y2, z2, y3, z3)
        out[lane] = re
        out[LANES + lane] = im
        re, im = minus_products(out[2 * LANES + lane], out[3 * LANES + lane], b, lane, y0, z0, y1, z1, y2, z2, y3, z3)
        out[2 * LANES + lane] = re
        out[3 * LANES + lane] = im
        re, im = minus_products(out[4 * LANES + lane], out[5 * LANES + lane], c, lane, y0, z0, y1, z1, y2, z2, y3, z3)
        out[4 * LANES + lane] = re
        out[5 * LANES + lane] = im
        re, im = minus_products(out[6 * LANES + lane], out[7 * LANES + lane], d, lane, y0, z0, y1, z1, y2, z2, y3, z3)
        out[6 * LANES + lane] = re
        out[7 * LANES + lane] = im


@body
def solve_four(out: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, inverses: FloatArray) -> None:
    """Solve for the out[4 entries] of a column; b, c and d are those of the columns of the diagonal block."""
    for lane in range(LANES):
        y0 = out[lane] * inverses[lane]
        z0 = out[LANES + lane] * inverses[lane]
        re, im = out[2 * LANES + lane], out[3 * LANES + lane]
        re = minus_real(re, b[lane], b[LANES + lane], y0, z0)
        im = minus_imaginary(im, b[lane], b[LANES + lane], y0, z0)
        y1 = re * inverses[LANES + lane]
        z1 = im * inverses[LANES + lane]
        re, im = out[4 * LANES + lane], out[5 * LANES + lane]
        re = minus_real(re, c[lane], c[LANES + lane], y0, z0)
        im = minus_imaginary(im, c[lane], c[LANES + lane], y0, z0)
        re = minus_real(re, c[2 * LANES + lane], c[3 * LANES + lane], y1, z1)
        im = minus_imaginary(im, c[2 * LANES + lane], c[3 * LANES + lane], y1, z1)
        y2 = re * inverses[2 * LANES + lane]
        z2 = im * inverses[2 * LANES + lane]
        re, im = out[6 * LANES + lane], out[7 * LANES + lane]
        re = minus_real(re, d[lane], d[LANES + lane], y0, z0)
        im = minus_imaginary(im, d[lane], d[LANES + lane], y0, z0)
        re = minus_real(re, d[2 * LANES + lane], d[3 * LANES + lane], y1, z1)
        im = minus_imaginary(im, d[2 * LANES + lane], d[3 * LANES + lane], y1, z1)
        re = minus_real(re, d[4 * LANES + lane], d[5 * LANES + lane], y2, z2)
        im = minus_imaginary(im, d[4 * LANES + lane], d[5 * LANES + lane], y2, z2)
        y3 = re * inverses[3 * LANES + lane]
        z3 = im * inverses[3 * LANES + lane]
        out[lane] = y0
        out[LANES + lane] = z0
        out[2 * LANES + lane] = y1
        out[3 * LANES + lane] = z1
        out[4 * LANES + lane] = y2
        out[5 * LANES + lane] = z2
        out[6 * LANES + lane] = y3
        out[7 * LANES + lane] = z3


@body
def factor_block(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, inverses: FloatArray) -> None:
    """Factorise a diagonal block, four columns of 4 entries; roots of what is not positive are no numbers."""
    for lane in range(LANES):
        re = a[lane]
        root = math.sqrt(re)
        inverse0 = 1.0 / root
        a[lane] = root
        a[LANES + lane] = 0.0
        inverses[lane] = inverse0
        re, im = b[lane], b[LANES + lane]
        y0 = re * inverse0
        z0 = im * inverse0
        b[lane] = y0
        b[LANES + lane] = z0
        re = b[2 * LANES + lane]
        re = minus_real(re, y0, z0, y0, z0)
        root = math.sqrt(re)
        inverse1 = 1.0 / root
        b[2 * LANES + lane] = root
        b[3 * LANES + lane] = 0.0
        inverses[LANES + lane] = inverse1
        re, im = c[lane], c[LANES + lane]
        y0 = re * inverse0
        z0 = im * inverse0
        c[lane] = y0
        c[LANES + lane] = z0
        re, im = c[2 * LANES + lane], c[3 * LANES + lane]
        re = minus_real(re, b[lane], b[LANES + lane], y0, z0)
        im = minus_imaginary(im, b[lane], b[LANES + lane], y0, z0)
        y1 = re * inverse1
        z1 = im * inverse1
        c[2 * LANES + lane] = y1
        c[3 * LANES + lane] = z1
        re = c[4 * LANES + lane]
        re = minus_real(re, y0, z0, y0, z0)
        re = minus_real(re, y1, z1, y1, z1)
        root = math.sqrt(re)
        inverse2 = 1.0 / root
        c[4 * LANES + lane] = root
        c[5 * LANES + lane] = 0.0
        inverses[2 * LANES + lane] = inverse2
        re, im = d[lane], d[LANES + lane]
        y0 = re * inverse0
        z0 = im * inverse0
        d[lane] = y0
        d[LANES + lane] = z0
        re, im = d[2 * LANES + lane], d[3 * LANES + lane]
        re = minus_real(re, b[lane], b[LANES + lane], y0, z0)
        im = minus_imaginary(im, b[lane], b[LANES + lane], y0, z0)
        y1 = re * inverse1
        z1 = im * inverse1
        d[2 * LANES + lane] = y1
        d[3 * LANES + lane] = z1
        re, im = d[4 * LANES + lane], d[5 * LANES + lane]
        re = minus_real(re, c[lane], c[LANES + lane], y0, z0)
        im = minus_imaginary(im, c[lane], c[LANES + lane], y0, z0)
        re = minus_real(re, c[2 * LANES + lane], c[3 * LANES + lane], y1, z1)
        im = minus_imaginary(im, c[2 * LANES + lane], c[3 * LANES + lane], y1, z1)
        y2 = re * inverse2
        z2 = im * inverse2
        d[4 * LANES + lane] = y2
        d[5 * LANES + lane] = z2
        re = d[6 * LANES + lane]
        re = minus_real(re, y0, z0, y0, z0)
        re = minus_real(re, y1, z1, y1, z1)
        re = minus_real(re, y2, z2, y2, z2)
        root = math.sqrt(re)
        inverse3 = 1.0 / root
        d[6 * LANES + lane] = root
        d[7 * LANES + lane] = 0.0
        inverses[3 * LANES + lane] = inverse3
