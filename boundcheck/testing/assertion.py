"""`assert_bound`: a theorem holds, a bound is not exceeded, or is exceeded no more often than it may be."""

from __future__ import annotations

import inspect
import math
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

# Here and not in a function: an example of a Hypothesis test has no time for imports.
from boundcheck.check.frequency import check_frequency
from boundcheck.check.options import DEFAULT_LEVEL
from boundcheck.errors import InvalidArgument
from boundcheck.statement.shown import Shown
from boundcheck.testing.message import fact, pytest_command, verdict_message

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from boundcheck.check import Verdict
    from boundcheck.statement.theorem import Theorem

LABEL = "observed / bound"
_CALLS_AIMED = 8
"""So many calls with one label in one example are each aimed at."""
_LONGEST = 2000


@overload
def assert_bound(
    observed: Theorem, /, *, trials: int | None = None, level: float = DEFAULT_LEVEL, seed: int = 0
) -> Verdict: ...


@overload
def assert_bound(
    observed: ArrayLike, bound: ArrayLike, /, *, rounding: ArrayLike = 0, seed: int | None = None, label: str = LABEL
) -> float: ...


@overload
def assert_bound(
    observed: ArrayLike,
    bound: ArrayLike,
    /,
    *,
    delta: float,
    level: float = DEFAULT_LEVEL,
    rounding: ArrayLike = 0,
    seed: int | None = None,
    label: str = LABEL,
) -> Verdict: ...


def assert_bound(observed: Any, bound: Any = None, /, **options: Any) -> Any:
    """Fail unless a bound holds, in one of three senses.

    ``assert_bound(theorem)`` checks a theorem as `boundcheck check` does and fails unless it is PROVED, CONFIRMED or
    SCALING OBSERVED. INCONCLUSIVE fails too: the message says what would decide.

    ``assert_bound(observed, bound)`` fails if ``observed <= bound + rounding`` is false anywhere, as it is where one of
    them is NaN. In a Hypothesis test the logarithm of the largest ratio is handed to :func:`hypothesis.target`, so that
    the search goes where the bound is tightest.

    ``assert_bound(observed, bound, delta=delta)`` takes each entry as an independent trial, in a number fixed
    beforehand, and fails unless an exact binomial limit shows that the bound is exceeded with probability at most
    `delta`.

    Parameters
    ----------
    observed
        A theorem; or a number or array of any shape.
    bound
        A number, or an array of the same shape.
    rounding
        What rounding may have added to `observed`: a number, or an array of the same shape.
    delta
        The claimed probability of exceeding the bound, strictly between 0 and 1.
    level
        Of a theorem or of `delta`: the probability that this one decision is right. Other calls have their own: N calls
        are right together with probability 1 - N·(1 - level) or more, and each example of a Hypothesis test is a call.
    trials, seed
        Of a theorem, as for :func:`boundcheck.check`. With numbers, `seed` is what they were drawn with, for the
        message.
    label
        Tells the targets of several assertions in one test apart.

    Returns
    -------
    The verdict on a theorem or on `delta`, else the largest ratio of observed to bound: 0 where nothing was observed
    beyond rounding, infinite where a bound that is not positive is exceeded.

    Raises
    ------
    AssertionError
        When the bound does not hold, with the counterexample, the seed, and the command that shows it again.
    InvalidArgument
        When an argument is out of range or does not belong to this sense.

    Examples
    --------
    >>> assert_bound([0.5, 0.9], 1.0)
    0.9
    """
    __tracebackhide__ = True
    return _assert(observed, bound, options, _caller(inspect.currentframe()))


@dataclass(frozen=True)
class BoundAssertion(Shown):
    """:func:`assert_bound` with the options that pytest was given: the fixture `assert_bound`.

    Attributes
    ----------
    trials, level, seed
        Defaults of each call, from ``--boundcheck-trials``, ``--boundcheck-level`` and ``--boundcheck-seed``. Trials of
        your own are to be drawn from `seed`.
    """

    trials: int | None = None
    level: float = DEFAULT_LEVEL
    seed: int = 0

    def __str__(self) -> str:
        return "assert_bound"

    def __call__(self, observed: Any, bound: Any = None, /, **options: Any) -> Any:
        """Fail unless a bound holds; see :func:`assert_bound`."""
        __tracebackhide__ = True
        if bound is None:
            options = {"trials": self.trials, "level": self.level, "seed": self.seed, **options}
        elif options.get("delta") is not None:
            options = {"level": self.level, **options}
        return _assert(observed, bound, options, _caller(inspect.currentframe()))


def forget() -> None:
    """Begin a test: what was worst in the one before is no longer told."""
    _worst.clear()


def _assert(observed: Any, bound: Any, options: dict[str, Any], caller: FrameType | None) -> Any:
    __tracebackhide__ = True
    if bound is None:
        return _theorem(observed, **_allowed(options, "trials", "level", "seed"))
    if options.get("delta") is None:
        names = ("rounding", "seed", "label")
        return _always(observed, bound, caller, **_allowed(options, *names, "delta"))
    return _mostly(observed, bound, **_allowed(options, "delta", "level", "rounding", "seed", "label"))


def _allowed(options: dict[str, Any], *names: str) -> dict[str, Any]:
    for name, value in options.items():
        if name not in names:
            remedy = f"leave it out; here go {', '.join(names)}"
            raise InvalidArgument(name, value, "does not belong to this use of assert_bound", remedy)
    return options


def _caller(frame: FrameType | None) -> FrameType | None:
    return None if frame is None else frame.f_back


# A theorem ------------------------------------------------------------------------------------------------------------


def _theorem(theorem: Any, *, trials: int | None = None, level: float = DEFAULT_LEVEL, seed: int = 0) -> Verdict:
    __tracebackhide__ = True
    from boundcheck.check import check
    from boundcheck.statement.theorem import Theorem

    if not isinstance(theorem, Theorem):
        raise InvalidArgument("bound", None, "leaves nothing to compare with", "pass a theorem, or observed and bound")
    verdict = check(theorem, trials=trials, level=level, seed=seed)
    if not verdict.as_expected:
        raise AssertionError(verdict_message(verdict, trials=trials, remark=", of this assertion alone"))
    return verdict


# Numbers --------------------------------------------------------------------------------------------------------------


class _Comparison(NamedTuple):
    """Observed numbers beside their bounds, in one shape."""

    observed: Any
    bound: Any
    exceeded: Any
    ratios: Any

    @property
    def worst(self) -> tuple[int, ...]:
        """Where a bound is exceeded by the largest ratio, or else comes nearest."""
        among = np.where(self.exceeded, self.ratios, -1.0) if self.exceeded.any() else self.ratios
        return tuple(int(i) for i in np.unravel_index(np.argmax(among), among.shape))

    @property
    def worst_ratio(self) -> float:
        return float(self.ratios[self.worst])

    def facts(self) -> list[tuple[str, str]]:
        """The worst place."""
        found = [("observed", _number(self.observed[self.worst])), ("bound", _number(self.bound[self.worst]))]
        return [*found, ("exceeded", f"{int(self.exceeded.sum()):,} of {self.exceeded.size:,}")]

    def told(self) -> str:
        where = f" at [{', '.join(map(str, self.worst))}]" if self.worst else ""
        return f"{LABEL} is {self.worst_ratio:.6g}{where}"


def _compare(observed: Any, bound: Any, rounding: Any) -> _Comparison:
    observed, bound, rounding = (
        _array(name, value) for name, value in (("observed", observed), ("bound", bound), ("rounding", rounding))
    )
    for name, array in (("bound", bound), ("rounding", rounding)):
        if array.shape not in ((), observed.shape):
            remedy = f"pass a number, or an array of shape {observed.shape}"
            raise InvalidArgument(name, array.shape, f"is not the shape of observed, {observed.shape}", remedy)
    if observed.size == 0:
        raise InvalidArgument("observed", observed.shape, "is empty: nothing was observed", "pass at least one number")
    if not np.all((rounding >= 0) & (rounding < math.inf)):
        raise InvalidArgument(
            "rounding", rounding.max(), "is no allowance for rounding", "pass finite numbers from 0 on"
        )
    bound = np.broadcast_to(bound, observed.shape)
    with np.errstate(all="ignore"):
        # Not `observed > bound + rounding`: a NaN would be within any bound.
        allowed = bound + rounding if rounding.any() else bound  # which may be exact
        exceeded = np.logical_not(np.asarray(observed <= allowed, dtype=bool))
        beyond, limit = _floats(observed - rounding), _floats(bound)
        ratios = np.where(limit > 0, beyond / np.where(limit > 0, limit, 1), 0)
        unclear = np.isnan(ratios)
        ratios = np.where(unclear, 0, np.maximum(ratios, 0))
        ratios = np.where(exceeded & (unclear | ~(limit > 0)), np.inf, ratios).astype(float)
    return _Comparison(observed, bound, exceeded, ratios)


def _array(name: str, value: Any) -> Any:
    """An array of the numbers as they are: fractions are compared exactly."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biufO" or (
            array.dtype == object and any(isinstance(item, complex | np.complexfloating) for item in array.flat)
        ):
            raise TypeError
        with np.errstate(all="ignore"):
            floats = array.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise InvalidArgument(name, value, "holds what is no real number", "pass numbers or an array") from None
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:  # whose sums would be rounded to few digits
        return floats
    if array.dtype.kind in "biu":  # without what integers of a fixed size do beyond their range
        return floats if np.all(np.abs(floats) < 2**53) else array.astype(object)
    return array


def _floats(values: Any) -> Any:
    """For ratios: floats, in their own precision."""
    array = np.asarray(values)
    return array.astype(float) if array.dtype == object else array


def _number(value: Any) -> str:
    return str(value.item() if hasattr(value, "item") else value)


def _always(
    observed: Any,
    bound: Any,
    caller: FrameType | None,
    *,
    rounding: Any = 0,
    seed: int | None = None,
    label: str = LABEL,
    delta: None = None,
) -> float:
    __tracebackhide__ = True
    found = _compare(observed, bound, rounding)
    ratio = found.worst_ratio
    searching = _aim(ratio, label)
    exceeded = bool(found.exceeded.any())
    if not exceeded:
        return ratio
    worst = _remembered(found, label, caller) if searching else None
    lines = [f"The bound is exceeded: {found.told()}", *(fact(*pair) for pair in found.facts())]
    lines += [fact(*pair) for pair in _reproduction(seed)]
    if worst is not None and worst.ratio > ratio:
        lines.append(f"The worst that this search has seen: {worst.told}, where")
        lines += [fact(f"{name} =", value) for name, value in worst.arguments]
        lines.append("The numbers above, and the example below, are of the smallest violation that Hypothesis found.")
    raise AssertionError("\n".join(lines))


def _mostly(
    observed: Any,
    bound: Any,
    *,
    delta: float,
    level: float = DEFAULT_LEVEL,
    rounding: Any = 0,
    seed: int | None = None,
    label: str = LABEL,
) -> Verdict:
    __tracebackhide__ = True
    if not (isinstance(delta, float | int) and not isinstance(delta, bool) and 0 < delta < 1):
        raise InvalidArgument("delta", delta, "is no probability to test", "pass a number with 0 < delta < 1")
    found = _compare(observed, bound, rounding)
    _aim(found.worst_ratio, label)
    observed, limit = _floats(found.observed), _floats(found.bound)
    undefined = np.isnan(observed) | np.isnan(limit) | (np.isinf(observed) & np.isinf(limit))
    if undefined.any():
        words = f"NaN, or infinity on both sides, in {int(undefined.sum()):,} of {undefined.size:,} trials"
        raise AssertionError(f"{words}: nothing can be counted")
    violations, trials = int(found.exceeded.sum()), found.exceeded.size
    verdict = check_frequency(violations, trials, delta=float(delta), level=level, seed=seed or 0)
    if verdict.as_expected:
        return verdict
    lines = [f"{verdict.status}: {verdict.note}", *(fact(*pair) for pair in found.facts())]
    lines += [fact("worst", found.told()), fact("delta", str(delta))]
    lines += [fact(*pair) for pair in _reproduction(seed)]
    lines.append(fact("level", f"{level!r}, of this assertion alone"))
    raise AssertionError("\n".join(lines))


def _reproduction(seed: int | None) -> list[tuple[str, str]]:
    command = pytest_command()
    return [("seed", str(seed))] * (seed is not None) + ([("reproduce", command)] if command else [])


# In a search by Hypothesis --------------------------------------------------------------------------------------------


class _Violation(NamedTuple):
    ratio: float
    told: str
    arguments: list[tuple[str, str]]


_worst: dict[Any, _Violation] = {}
"""By test, place and label; of the test that is running."""


def _aim(ratio: float, label: str) -> bool:
    """Let Hypothesis search for larger ratios, if this is one of its examples, and tell whether it is."""
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is None or not hypothesis.currently_in_test_context():
        return False
    score = math.log10(ratio) if 0 < ratio < math.inf else math.copysign(400, ratio - 1)
    for call in range(1, _CALLS_AIMED + 1):
        with suppress(hypothesis.errors.InvalidArgument):  # the label has a score in this example already
            hypothesis.target(score, label=f"log10 of {label}" + (f" ({call})" if call > 1 else ""))
            break
    return True


def _remembered(found: _Comparison, label: str, caller: FrameType | None) -> _Violation | None:
    """The worst violation of this search so far, of which this may be one."""
    key = (os.environ.get("PYTEST_CURRENT_TEST"), caller.f_code if caller else None, label)
    if key not in _worst or found.worst_ratio > _worst[key].ratio:
        _worst[key] = _Violation(found.worst_ratio, found.told(), _arguments(caller))
    return _worst[key]


def _arguments(caller: FrameType | None) -> list[tuple[str, str]]:
    """The arguments of the function that asserts, which is the test or a part of it."""
    if caller is None:
        return []
    code = caller.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):
        shown = {n: _text(caller.f_locals[n]) for n in names if n in caller.f_locals}
    return [
        (name, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
        for name, text in shown.items()
        if not re.search(r"\bat 0x[0-9A-Fa-f]+", text) and not isinstance(caller.f_locals[name], BoundAssertion)
    ]


def _text(value: Any) -> str:
    if isinstance(value, Shown):
        return str(value)
    if type(value) in (list, tuple):
        return f"({', '.join(map(_text, value))})"
    return repr(value)
