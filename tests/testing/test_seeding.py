"""Seeds are pure functions of what they are given, in every process."""

import os
import subprocess
import sys

import numpy as np
import pytest

from boundcheck import magnitude, normal
from boundcheck.errors import InvalidArgument
from boundcheck.testing import generator, seed_of

DIFFERENT = [
    (),
    (0,),
    (1,),
    (0.0,),
    ("0",),
    ("a", "b"),
    ("ab",),
    (("a", "b"),),
    (np.zeros(2),),
    (np.zeros((1, 2)),),
    (np.zeros(2, np.float32),),
    (np.arange(5000),),
    (np.arange(5000) + (np.arange(5000) == 2500),),
    ((np.arange(5000),),),
    ((np.arange(5000) + (np.arange(5000) == 2500),),),
    (normal(0, 1),),
    (normal(0, 2),),
    (magnitude(count=1),),
]


def test_different_things_have_different_seeds():
    seeds = [seed_of(*parts) for parts in DIFFERENT]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**64 for seed in seeds)
    assert seeds == [seed_of(*parts) for parts in DIFFERENT]


def test_another_process_finds_the_same():
    code = "from boundcheck import normal; from boundcheck.testing import seed_of; print(seed_of('a', 1, normal(0, 1)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert int(done.stdout) == seed_of("a", 1, normal(0, 1))


@pytest.mark.parametrize("part", [object(), (1, object()), generator(0), lambda: 0], ids=["object", "in", "rng", "def"])
def test_what_only_has_an_address_is_refused(part):
    with pytest.raises(InvalidArgument, match=r"^parts="):
        seed_of(part)


def test_generators_are_independent_streams():
    first, again, other = generator(1, "a").random(4), generator(1, "a").random(4), generator(2, "a").random(4)
    assert (first == again).all()
    assert not (first == other).any()
