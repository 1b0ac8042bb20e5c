"""Plain-Python oracles: the obvious loop for every kernel, written from the definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath

UNIFORM, NORMAL, TWO_POINT, EXPONENTIAL, TRUNCATED = range(5)
IDENTITY, RELU, LEAKY_RELU, TANH = range(4)
KEEP_ALL, MAGNITUDE, RANDOM = range(3)
BERNOULLI = 5
WEIGHTS, MASK, INPUTS, STATISTIC = range(4)


def philox(counter, key):
    """Philox4x32-10 on Python integers: counter (c0, c1, c2, c3), key (k0, k1)."""
    c = list(counter)
    k = list(key)
    for _ in range(10):
        first = 0xD2511F53 * c[0]
        second = 0xCD9E8D57 * c[2]
        c = [
            (second >> 32) ^ c[1] ^ k[0],
            second % 2**32,
            (first >> 32) ^ c[3] ^ k[1],
            first % 2**32,
        ]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return tuple(c)


def block_of(element, count, key, layer, stream, trial):
    """The four words of the block that feeds an element, and the element's place among them."""
    quarter = -(-count // 4)
    counter = (element % quarter, 4 * layer + stream, trial % 2**32, trial // 2**32)
    return philox(counter, (key % 2**32, key // 2**32)), element // quarter


def words(count, key, layer, stream, trial):
    """One random word an element."""
    result = []
    for element in range(count):
        block, place = block_of(element, count, key, layer, stream, trial)
        result.append(block[place])
    return result


def uniform(word, low, high):
    """Exact rational midpoint of the word's cell, rounded once."""
    cell = Fraction(2 * word + 1, 2**33)
    return float(Fraction(low) + (Fraction(high) - Fraction(low)) * cell)


def draw(block, place, law, parameters):
    """The draw of the element at `place` of its block."""
    p0, p1, p2 = parameters
    word = block[place]
    if law == UNIFORM:
        return uniform(word, p0, p1)
    if law == TWO_POINT:
        return p1 if Fraction(word, 2**32) < Fraction(p2) else p0
    if law == EXPONENTIAL:
        return -math.log((word + 1) / 2**32) / p0
    if law == TRUNCATED:
        return float(p0 * truncated(mpmath.erf(p1 / p0 / mpmath.sqrt(2)) * (2 * word + 1 - 2**32) / 2**32, p1 / p0))
    pair = 2 * (place // 2)
    radius = math.sqrt(-2 * math.log((block[pair] + 1) / 2**32))
    angle = 2 * math.pi * (block[pair + 1] + 0.5) / 2**32
    return p0 + p1 * radius * (math.cos(angle) if place % 2 == 0 else math.sin(angle))


def draws(count, key, layer, stream, trial, laws, parameters):
    """`count` draws; laws and parameters one an element, or one for all."""
    result = []
    for element in range(count):
        block, place = block_of(element, count, key, layer, stream, trial)
        which = element if len(laws) > 1 else 0
        result.append(draw(block, place, laws[which], parameters[which]))
    return result


def remove_smallest(keys, amount):
    """0/1 list with ones at the `amount` smallest keys, the smaller index first among equals."""
    order = sorted(range(len(keys)), key=lambda e: (keys[e], e))
    removed = [0] * len(keys)
    for e in order[:amount]:
        removed[e] = 1
    return removed


def mask(weights, rule, amount, key, layer, trial):
    """The pruning mask of a flat list of weights."""
    count = len(weights)
    if rule == MAGNITUDE:
        return remove_smallest([abs(w) for w in weights], amount)
    if rule == RANDOM:
        bits = words(2 * count, key, layer, MASK, trial)
        return remove_smallest([bits[e] * 2**32 + bits[count + e] for e in range(count)], amount)
    if rule == BERNOULLI:
        return [int(word < amount) for word in words(count, key, layer, MASK, trial)]
    return [0] * count


def tau(weights, amount):
    """The (amount + 1)-th smallest magnitude."""
    return sorted([abs(w) for w in weights] + [math.inf])[amount]


def activate(x, activation, slope):
    if activation == RELU:
        return max(x, 0.0)
    if activation == LEAKY_RELU:
        return x if x >= 0 else slope * x
    if activation == TANH:
        return math.tanh(x)
    return x


def forward(layers, activations, slopes, x):
    """Output of the network with weight matrices `layers` (lists of rows) on one input."""
    hidden = [float(v) for v in x]
    for i, matrix in enumerate(layers):
        hidden = [math.fsum(w * h for w, h in zip(row, hidden, strict=True)) for row in matrix]
        if i + 1 < len(layers):
            hidden = [activate(h, activations[i], slopes[i]) for h in hidden]
    return hidden


def gap(layers, masks, activations, slopes, inputs):
    """Largest distance of the target's and the pruned network's outputs, and the first input with it."""
    pruned = [
        [[0.0 if r else float(w) for w, r in zip(*rows, strict=True)] for rows in zip(*pair, strict=True)]
        for pair in zip(layers, masks, strict=True)
    ]
    distances = []
    for x in inputs:
        f = forward(pruned, activations, slopes, x)
        target = forward(layers, activations, slopes, x)
        distances.append(math.dist(f, target))
    worst = max(distances)
    return worst, distances.index(worst)


def spectral_norm(matrix):
    """‖A‖ to 40 digits, as an mpmath number."""
    with mpmath.workdps(60):
        a = mpmath.matrix([[mpmath.mpf(float(v)) for v in row] for row in matrix])
        scale = max(abs(v) for v in a)
        if scale == 0:
            return mpmath.mpf(0)
        a /= scale
        square = a.T * a if a.cols <= a.rows else a * a.T
        return scale * mpmath.sqrt(max(mpmath.eigsy(square, eigvals_only=True)))


UNIT, GAUSS, WAIT, GAMMA, BETA, TILTED_UNIT, CELL, TRUNCATED_GAUSS = range(8)


def bits(key, trial, variable, attempt):
    """Two integers below 2^53: the leading bits of words 0, 1 and of words 2, 3 of a block."""
    w = philox((variable, 4 * attempt + STATISTIC, trial % 2**32, trial // 2**32), (key % 2**32, key // 2**32))
    return (w[0] * 2**32 + w[1]) >> 11, (w[2] * 2**32 + w[3]) >> 11


def cell(k):
    """A few uniform variables whose first 53 bits are k, both ends of the cell among them."""
    return [mpmath.mpf(2 * k + share) / 2**54 for share in (0, 1, 2)]


def gauss(u, v):
    """Box and Muller's normal variable."""
    return mpmath.sqrt(-2 * mpmath.log(u)) * mpmath.cos(2 * mpmath.pi * v)


def truncated(probability, cut):
    """x with P(|Z| <= |x|) = |probability|, of the same sign, at most `cut`; solved for, not looked up."""
    q = abs(probability)
    low, high = mpmath.mpf(0), mpmath.mpf(cut)
    for _ in range(140):
        x = (low + high) / 2
        low, high = (x, high) if mpmath.erf(x / mpmath.sqrt(2)) < q else (low, x)
    return mpmath.sign(probability) * low


def gamma_variable(key, trial, variable, which, shape):
    """Marsaglia and Tsang's method with the midpoints of the cells."""
    a = mpmath.mpf(shape)
    d = (a + 1 if a < 1 else a) - mpmath.mpf(1) / 3
    attempt = 0
    while True:
        first, second = (bits(key, trial, variable, 4 * attempt + 2 * which + i) for i in range(2))
        u, boost = (cell(k)[1] for k in second)
        z = gauss(*(cell(k)[1] for k in first))
        v = (1 + z / mpmath.sqrt(9 * d)) ** 3
        attempt += 1
        if v > 0 and mpmath.log(u) < z**2 / 2 + d - d * v + d * mpmath.log(v):
            return d * v * (boost ** (1 / a) if a < 1 else 1)


def standard_variables(key, trial, variable, kind, parameters, cumulative=()):
    """Values that a standard variable may have, given its bits, to 40 digits."""
    p0, p1 = parameters
    with mpmath.workdps(40):
        if kind == GAMMA:
            return [gamma_variable(key, trial, variable, 0, p0)]
        if kind == BETA:
            g, h = (gamma_variable(key, trial, variable, i, p) for i, p in enumerate((p0, p1)))
            return [g / (g + h)]
        first, second = bits(key, trial, variable, 0)
        if kind == GAUSS:
            return [gauss(u, v) for u in cell(first) for v in cell(second) if u > 0]
        if kind == WAIT:
            return [-mpmath.log(u) for u in cell(first) if u > 0]
        if kind == TILTED_UNIT:
            steep, e = abs(mpmath.mpf(p0)), mpmath.exp(-abs(mpmath.mpf(p0)))
            values = [1 + mpmath.log(u + (1 - u) * e) / steep for u in cell(first)]
            return values if p0 > 0 else [1 - x for x in values]
        if kind == TRUNCATED_GAUSS:
            mass = mpmath.erf(p0 / mpmath.sqrt(2))
            return [truncated(mass * (2 * u - 1), p0) for u in cell(first)]
        if kind == CELL:
            return [sum(c <= u for c in cumulative) for u in cell(first)]
        return cell(first)


def occupancy(key, trial, balls, bins):
    """Counts of balls in bins."""
    counts = [0] * bins
    for ball in range(balls):
        counts[bits(key, trial, ball, 0)[0] * bins // 2**53] += 1
    return counts


def stopped_walk(key, trial, n, level):
    """Steps of a fair walk until it reaches a level."""
    steps = []
    for e in range(n):
        word = philox((e, STATISTIC, trial % 2**32, trial // 2**32), (key % 2**32, key // 2**32))[0]
        steps.append((2 * (word % 2) - 1) if sum(steps) < level else 0)
    return steps
