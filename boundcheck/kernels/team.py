"""What the lanes of a team do together: the few things of which CUDA has a version of its own.

A team computes one trial. On the CPU it is one thread, a team of one lane, and all of this vanishes when it is
compiled; on CUDA it is a block of threads (see `team_cuda`), in squads of as many neighbours as the hardware keeps in
step. A body that a team runs follows three rules:

- All lanes call it, with the same arguments, and all get the same result.
- A loop `for e in range(lane(), count, lanes())` shares out elements among the lanes; one over a table shares out
  rows among squads, `range(squad(), m, squads())`, and columns among the ranks of each, `range(rank(), n, ranks())`.
- Before a lane reads what another one wrote, or overwrites what another one may still read, comes :func:`sync`; and a
  body ends with one, unless it says that it does not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from numba.extending import overload

from .jit import IntArray

Function = Callable[..., Any]

simulated: dict[Function, Function] = {}
"""The CUDA versions where CUDA is simulated in plain Python, by what they replace."""


def device_body(function: Function, **options: Any) -> Any:
    """A body of which CUDA has a version of its own; this one is the CPU's, and only the CPU's."""
    jit_options: Any = options

    @functools.wraps(function)
    def called(*arguments: Any) -> Any:
        return simulated.get(called, function)(*arguments)

    overload(called, jit_options=jit_options, strict=False, target="cpu")(lambda *arguments: function)
    return called


def primitive(function: Function) -> Any:
    """A :func:`device_body` of a line or two, made part of its caller before loops are vectorised."""
    return device_body(function, forceinline=True)


@primitive
def lane() -> int:
    """The number of this lane in its team."""
    return 0


@primitive
def lanes() -> int:
    """How many lanes the team has."""
    return 1


@primitive
def sync() -> None:
    """Wait until all lanes are here; then each sees what the others wrote."""


@primitive
def squad() -> int:
    """The number of this lane's squad in the team."""
    return 0


@primitive
def squads() -> int:
    """How many squads the team has."""
    return 1


@primitive
def rank() -> int:
    """The number of this lane in its squad."""
    return 0


@primitive
def ranks() -> int:
    """How many lanes a squad has."""
    return 1


@primitive
def stretch(count: int) -> tuple[int, int]:
    """First and last of `count` elements that are this lane's, all of them neighbours; the last is not included."""
    return 0, count


@primitive
def squad_stretch(count: int) -> tuple[int, int]:
    """Like :func:`stretch`, of this lane's squad."""
    return 0, count


@primitive
def team_sum(x: float) -> float:
    """The sum of all lanes' x, in the order of the lanes; syncs."""
    return x


@primitive
def team_max(x: float) -> float:
    """The largest of all lanes' x, none of which is not a number; syncs."""
    return x


@primitive
def team_count(condition: bool) -> int:
    """How many lanes' condition holds; syncs."""
    return 1 if condition else 0


@primitive
def team_before(x: int) -> int:
    """The sum of the x of the lanes before this one; syncs."""
    return 0


@primitive
def count_one(counts: IntArray, i: int) -> int:
    """Add 1 to counts[i], whichever lanes do so at once; what it was before."""
    before = counts[i]
    counts[i] = before + 1
    return before


@primitive
def rounded_product(a: float, b: float) -> float:
    """A product that is rounded, even where a sum follows it."""
    return a * b
