"""What was observed elsewhere with independent code, seen here too, within the spread of a few trials."""

import pytest

from boundcheck import P, Theorem, check, fcn, gap, gap_bound, magnitude, prune, random, real, scaled, uniform

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)


def ladder(target, rule, trials):
    pruned = prune(target, rule)
    claim = P(gap(target, pruned) > gap_bound(target, pruned, delta=delta)) <= delta
    theorem = Theorem(claim=claim, source="figures", points=[{"delta": "1/100"}])
    evidence = check(theorem, trials=trials).points[0].evidence
    return evidence.ladder, evidence.closer


LAYER = fcn([256, 256], weights=uniform(-1, 1))


@pytest.mark.parametrize(
    ("rule", "observed", "bound"),
    [
        (random(fraction=1), 18.5, 18.92),  # the norm of the whole layer, S1
        (random(alpha="0.3"), 3.94, 4.68),
        (magnitude(alpha="0.3"), 0.145, 0.1688),
    ],
)
def test_norms_of_a_dense_layer(rule, observed, bound):
    seen, _ = ladder(LAYER, rule, trials=10)
    assert seen.certificate == pytest.approx(observed, rel=0.04)
    assert seen.bound == pytest.approx(bound, rel=0.01)


def test_the_example_network():
    """Bound 0.0037, T1 at realised norms 0.0025, gap sampled about 9e-5."""
    seen, closer = ladder(fcn([64, 256, 256, 32], weights=scaled(uniform(-1, 1))), magnitude(alpha="0.5"), trials=10)
    assert seen.bound == pytest.approx(0.003698, rel=0.01)
    assert seen.certificate == pytest.approx(0.0025, rel=0.4)
    assert closer.sampled == pytest.approx(9e-5, rel=0.5)
    assert closer.sampled < closer.climbed <= seen.observed < closer.certificate < seen.certificate < seen.bound
