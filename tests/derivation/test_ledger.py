"""The ledger adds up, or there is none."""

from __future__ import annotations

import pytest
from sympy import Rational, S, Symbol

from boundcheck.derivation.ledger import Entry, Ledger
from boundcheck.errors import InvalidArgument

DELTA = Symbol("delta", positive=True)


@pytest.mark.parametrize("delta", [Rational(1, 100), DELTA])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_equal_shares_add_up(delta, count):
    ledger = Ledger.equal(delta, [f"event {i}" for i in range(count)])
    assert sum((e.share for e in ledger.entries), S.Zero) == delta
    assert all(ledger.share(f"event {i}") == delta / count for i in range(count))


def test_unequal_shares_may_be_written_in_any_form():
    x = Symbol("x")
    Ledger(DELTA, (Entry("one", DELTA * x**2), Entry("other", DELTA * (1 - x) * (1 + x))))


@pytest.mark.parametrize(
    "shares",
    [
        (DELTA / 2, DELTA / 2 + Rational(1, 10**30)),
        (DELTA / 2, DELTA / 3),
        (DELTA, DELTA),
        (2 * DELTA,),
    ],
)
def test_shares_that_do_not_add_up_are_refused(shares):
    with pytest.raises(InvalidArgument, match=r"shares=.* do not add up to delta=delta; give every event a share"):
        Ledger(DELTA, tuple(Entry(str(i), share) for i, share in enumerate(shares)))


def test_nothing_may_rest_on_an_event_without_a_share():
    with pytest.raises(KeyError, match="norm of layer 2"):
        Ledger.equal(DELTA, ["norm of layer 1"]).share("norm of layer 2")


def test_no_event_needs_no_share():
    assert Ledger.equal(DELTA, []).entries == ()
