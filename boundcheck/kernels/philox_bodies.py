"""Philox4x32-10: random bits as a pure function of a key and a counter.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC'11, section 3.3. 32-bit words are held in uint64, where their products are exact.
"""

from __future__ import annotations

import numpy as np

from .jit import WordArray, body, inlined
from .team import lane, lanes, sync

_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_STREAMS = np.uint64(4)


@inlined
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four random words of the counter (c0, c1, c2, c3) under the key (k0, k1); all below 2^32."""
    for _ in range(10):
        even = _MULTIPLIER_0 * c0
        odd = _MULTIPLIER_1 * c2
        c0 = (odd >> _HALF) ^ c1 ^ k0
        c1 = odd & _WORD
        c2 = (even >> _HALF) ^ c3 ^ k1
        c3 = even & _WORD
        k0 = (k0 + _WEYL_0) & _WORD
        k1 = (k1 + _WEYL_1) & _WORD
    return c0, c1, c2, c3


@body
def quarter_length(count: int) -> int:
    """Number of blocks, of four words each, that `count` elements take."""
    return (count + 3) // 4


@body
def fill_blocks(
    words: WordArray, first: int, blocks: int, key: np.uint64, layer: int, stream: int, trial: np.uint64
) -> None:
    """words[4·blocks]: word q of block first + b is words[q·blocks + b]."""
    zeroth = words[:blocks]
    second = words[blocks : 2 * blocks]
    third = words[2 * blocks : 3 * blocks]
    fourth = words[3 * blocks : 4 * blocks]
    purpose = np.uint64(layer) * _STREAMS + np.uint64(stream)
    for b in range(lane(), blocks, lanes()):
        x0, x1, x2, x3 = philox(np.uint64(first + b), purpose, trial & _WORD, trial >> _HALF, key & _WORD, key >> _HALF)
        zeroth[b] = np.uint32(x0)
        second[b] = np.uint32(x1)
        third[b] = np.uint32(x2)
        fourth[b] = np.uint32(x3)
    sync()


@body
def fill_words(words: WordArray, count: int, key: np.uint64, layer: int, stream: int, trial: np.uint64) -> None:
    """The random words of `count` elements: words[e] is element e's.

    `words` has room for 4·ceil(count / 4). Word q of block b feeds element q·ceil(count / 4) + b, so
    that one block feeds four far-apart elements and the loop over blocks fills vector registers.
    """
    fill_blocks(words, 0, quarter_length(count), key, layer, stream, trial)
