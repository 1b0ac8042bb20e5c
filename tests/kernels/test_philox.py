"""Philox: the published vectors, the oracle, and the layout of counters."""

import naive
import numpy as np
import pytest

from boundcheck.kernels import jit, philox_bodies

KNOWN_ANSWERS = [  # Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, result
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


@jit.compiled_exact
def fill(words, count, key, layer, stream, trial):
    philox_bodies.fill_words(words, count, key, layer, stream, trial)


@jit.compiled_exact
def block(c0, c1, c2, c3, k0, k1):
    return philox_bodies.philox(c0, c1, c2, c3, k0, k1)


def integers(text):
    return tuple(int(word, 16) for word in text.split())


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_known_answers(counter, key, expected):
    arguments = [np.uint64(word) for word in integers(counter) + integers(key)]
    assert naive.philox(integers(counter), integers(key)) == integers(expected)
    assert tuple(int(word) for word in block(*arguments)) == integers(expected)
    assert tuple(int(word) for word in philox_bodies.philox(*arguments)) == integers(expected)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 64, 101])
@pytest.mark.parametrize(
    ("key", "layer", "stream", "trial"), [(0, 0, 0, 0), (2**64 - 1, 3, 2, 2**63 - 1), (12345, 1, 1, 2**32)]
)
def test_words_match_the_oracle(count, key, layer, stream, trial):
    words = np.zeros(4 * ((count + 3) // 4), np.uint32)
    fill(words, count, np.uint64(key), layer, stream, np.uint64(trial))
    assert words[:count].tolist() == naive.words(count, key, layer, stream, trial)


def test_a_block_feeds_elements_a_quarter_apart():
    words = np.zeros(8, np.uint32)
    fill(words, 8, np.uint64(0), 0, 0, np.uint64(0))
    assert [f"{word:08x}" for word in words[::2]] == KNOWN_ANSWERS[0][2].split()
