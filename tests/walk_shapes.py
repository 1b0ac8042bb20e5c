"""Makes the table of closed walks that `boundcheck.formula.walks` reads: python tests/walk_shapes.py 12 > FILE.

A walk alternates between the two sides of a bipartite graph; its shape is what is left when vertices are named in the
order in which they are first visited. Counted are the closed walks of 2q steps that take every edge an even number of
times, by the numbers a and b of vertices visited on the side of the start and on the other, and by the multiplicities.

Two counts, independent of each other: :func:`by_search` follows every walk, :func:`by_merging` takes all walks one step
further at a time and merges those after which the same can follow. What can follow depends on the multigraph walked so
far, up to isomorphism, and on where the walk is.
"""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
from numba import njit

EDGES, VERTICES = 16, 17
_A, _B, _C = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_30, _27, _31, _ONE = (np.uint64(x) for x in (30, 27, 31, 1))


def by_search(q):
    """Counter of (a, b, multiplicities / 2 in falling order) over the shapes of walks of 2q steps."""
    times, found = {}, Counter()

    def walk(step, place, visited):
        left = 2 * q - step
        odd = sum(x % 2 for x in times.values())
        if odd > left:
            return
        if left == 0:
            found[(*visited, tuple(sorted((x // 2 for x in times.values() if x), reverse=True)))] += 1
            return
        side = (step + 1) % 2  # of the vertex to come
        for to in range(visited[side] + 1):
            edge = (to, place) if side == 0 else (place, to)
            after = list(visited)
            after[side] = max(after[side], to + 1)
            times[edge] = times.get(edge, 0) + 1
            walk(step + 1, to, tuple(after))
            times[edge] -= 1

    walk(0, 0, (1, 0))
    return found


@njit
def _mix(x):
    x = x + _A
    x = (x ^ (x >> _30)) * _B
    x = (x ^ (x >> _27)) * _C
    return x ^ (x >> _31)


@njit
def _refine(here, there, times, edges, color, used, new):
    """Colours of vertices by those of their neighbours, until no more are told apart; returns how many are."""
    before = 0
    while True:
        found = 0
        for v in range(2 * VERTICES):
            if used[v]:
                fresh = 1
                for w in range(v):
                    if used[w] and color[w] == color[v]:
                        fresh = 0
                        break
                found += fresh
        if found == before:
            return found
        before = found
        new[:] = 0
        for e in range(edges):
            u, v, x = here[e], VERTICES + there[e], _mix(np.uint64(times[e]))
            new[u] += _mix(color[v] ^ x)
            new[v] += _mix(color[u] ^ x)
        for v in range(2 * VERTICES):
            color[v] = _mix(color[v] + _mix(new[v]))


@njit
def _canonical(here, there, times, edges, key, color, used, new, rank, codes):
    """The key of a multigraph in which the walk is at vertex 0 of this side; equal keys are isomorphic."""
    used[:] = False
    vertices = 0
    for e in range(edges):
        for v in (here[e], VERTICES + there[e]):
            if not used[v]:
                used[v] = True
                vertices += 1
            color[v] = _ONE if v < VERTICES else _A
    color[0] = _B
    while _refine(here, there, times, edges, color, used, new) < vertices:
        best, found = np.uint64(0), -1
        for v in range(2 * VERTICES):
            for w in range(v):
                if used[v] and used[w] and color[v] == color[w] and (found < 0 or color[v] < best):
                    best, found = color[v], w
        color[found] = _mix(color[found] ^ _C)
    for v in range(2 * VERTICES):
        if used[v]:
            rank[v] = 0
            for w in range(2 * VERTICES):
                same = (v < VERTICES) == (w < VERTICES)
                if used[w] and same and (w == 0 or (v != 0 and color[w] < color[v])) and v != w:
                    rank[v] += 1
    rank[0] = 0
    for e in range(edges):
        codes[e] = (rank[here[e]] << 11) | (rank[VERTICES + there[e]] << 6) | times[e]
    codes[:edges].sort()
    key[:] = 0
    for e in range(edges):
        key[e // 4] |= np.uint64(codes[e]) << np.uint64(16 * (e % 4))


@njit
def _step(keys, counts, left, table, sums):
    """All walks one step further, `left` steps before the end; False when the table is too small."""
    size, filled = len(sums), 0
    here, there, times = np.empty(EDGES, np.int64), np.empty(EDGES, np.int64), np.empty(EDGES, np.int64)
    color, new = np.zeros(2 * VERTICES, np.uint64), np.zeros(2 * VERTICES, np.uint64)
    used, rank = np.zeros(2 * VERTICES, np.bool_), np.zeros(2 * VERTICES, np.int64)
    codes, key = np.empty(EDGES, np.int64), np.empty(4, np.uint64)
    for i in range(len(keys)):
        edges, odd, most = 0, 0, -1
        for e in range(EDGES):
            code = np.int64((keys[i, e // 4] >> np.uint64(16 * (e % 4))) & np.uint64(0xFFFF))
            if code == 0:
                break
            # The side of the step to come is the other one, where the walk then is.
            there[e], here[e], times[e] = code >> 11, (code >> 6) & 31, code & 63
            most = max(most, here[e])
            odd += times[e] & 1
            edges += 1
        for to in range(most + 2):
            edge = -1
            for e in range(edges):
                if there[e] == 0 and here[e] == to:
                    edge = e
            parity = 0 if edge < 0 else times[edge] & 1
            if odd + 1 - 2 * parity > left or (edge < 0 and edges == EDGES):
                continue
            last = edges
            if edge < 0:
                here[edges], there[edges], times[edges] = to, 0, 1
                last += 1
            else:
                times[edge] += 1
            for e in range(last):  # the vertex where the walk is has number 0
                here[e] = 0 if here[e] == to else to if here[e] == 0 else here[e]
            _canonical(here, there, times, last, key, color, used, new, rank, codes)
            for e in range(last):
                here[e] = 0 if here[e] == to else to if here[e] == 0 else here[e]
            if edge >= 0:
                times[edge] -= 1
            place = _ONE
            for j in range(4):
                place = _mix(place ^ key[j])
            slot = np.int64(place & np.uint64(size - 1))
            while sums[slot] != 0:
                same = True
                for j in range(4):
                    same &= table[slot, j] == key[j]
                if same:
                    break
                slot = (slot + 1) & (size - 1)
            if sums[slot] == 0:
                filled += 1
                if 4 * filled > 3 * size:
                    return False
                table[slot] = key
            sums[slot] += counts[i]
    return True


def by_merging(most, progress=None):
    """The counters of :func:`by_search` for q = 1, …, most ≤ 16, as a list."""
    keys, counts = np.array([[1, 0, 0, 0]], np.uint64), np.array([1], np.int64)  # one edge, taken once
    found, size = [], 1 << 10
    for step in range(1, 2 * most + 1):
        if step > 1:
            while True:
                table, sums = np.zeros((size, 4), np.uint64), np.zeros(size, np.int64)
                if _step(keys, counts, 2 * most - step, table, sums):
                    break
                size *= 4
            keys, counts = table[sums > 0], sums[sums > 0]
        if progress:
            print(step, len(keys), file=progress, flush=True)
        if step % 2 == 0:
            found.append(_tally(keys, counts))
    return found


def _tally(keys, counts):
    """Numbers of walks that may end, by vertices and multiplicities."""
    found = Counter()
    codes = (keys[:, :, None] >> np.arange(0, 64, 16, dtype=np.uint64)) & np.uint64(0xFFFF)
    codes = codes.reshape(len(keys), -1).astype(np.int64)
    even = np.flatnonzero((codes & 1 == 0).all(axis=1))
    for i in even:
        edges = [int(x) for x in codes[i] if x]
        a, b = (len({(x >> shift) & 31 for x in edges}) for shift in (11, 6))
        found[(a, b, tuple(sorted(((x & 63) // 2 for x in edges), reverse=True)))] += int(counts[i])
    return found


def lines(tables):
    """The table as text: q, a, b, the number of shapes and the multiplicities, for a ≤ b."""
    for q, table in enumerate(tables, start=1):
        for (a, b, times), number in sorted(table.items()):
            if a <= b:
                yield f"{q} {a} {b} {number} {' '.join(map(str, times))}"


if __name__ == "__main__":
    print("\n".join(lines(by_merging(int(sys.argv[1]), sys.stderr))))
