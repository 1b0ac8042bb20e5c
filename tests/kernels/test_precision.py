"""Networks in single precision: the same draws, rounded, and results that threads do not change."""

import subprocess
import sys
from pathlib import Path

import naive
import numpy as np
import pytest

from boundcheck.check.gaps import allowance_of
from boundcheck.errors import InvalidArgument
from boundcheck.experiment.measure import measure_network
from boundcheck.experiment.plan import draw_key, network_plan
from boundcheck.kernels import launch, layer_cpu, network_cpu, steps, tables
from boundcheck.statement.laws import normal, uniform
from boundcheck.statement.layer import conv
from boundcheck.statement.network import cnn, fcn
from boundcheck.statement.pruning import magnitude, prune

LAWS = {
    "uniform": (tables.UNIFORM, (-1, 1, 0)),
    "normal": (tables.NORMAL, (0, 1, 0)),
    "rademacher": (tables.TWO_POINT, (-1, 1, 0.5)),
}


def measured(pruned, precision, trials=6, norms=tables.CERTIFIED, inputs=8):
    plan = network_plan(pruned, 1.0, key=draw_key(0, "precision", str(pruned)), inputs=inputs, precision=precision)
    return plan, measure_network(plan, trials, norms=norms)


@pytest.mark.parametrize("law", LAWS)
def test_weights_are_the_rounded_draws_of_double_precision(law):
    code, parameters = LAWS[law]
    for amount in (0, 1, 17, 400):
        double = layer_cpu.layer_draw(3, 8, 1, 20, 30, code, parameters, tables.MAGNITUDE, amount)
        single = layer_cpu.layer_draw(3, 8, 1, 20, 30, code, parameters, tables.MAGNITUDE, amount, precision="single")
        assert single.weights.dtype == np.float32
        assert (single.weights == double.weights.astype(np.float32)).all()
        flat = np.abs(single.weights.astype(float)).ravel().tolist()
        assert single.removed.ravel().tolist() == naive.remove_smallest(flat, amount)
        assert single.tau == sorted(flat)[amount]


@pytest.mark.parametrize("precision", tables.NUMBERS)
@pytest.mark.parametrize("norms", [tables.CERTIFIED, tables.ESTIMATED])
def test_results_do_not_depend_on_threads_or_batches(precision, norms):
    table = np.array(steps.fully_connected([9, 20, 7], [tables.TANH]))
    inputs = np.random.default_rng(0).uniform(-0.2, 0.2, (5, 9))
    fixed = (table, np.zeros(3), [tables.NORMAL] * 2, [[0, 0.3, 0]] * 2, [tables.MAGNITUDE] * 2, [11, 70], inputs)

    def run(first, trials, threads):
        launch.set_thread_count(threads)
        try:
            return network_cpu.network_trials(4, first, trials, *fixed, precision=precision, norms=norms)
        finally:
            launch.set_thread_count(None)

    whole = run(0, 13, 1)
    for threads in (2, 3):
        parts = [run(0, 4, threads), run(4, 1, threads), run(5, 8, threads)]
        for column, pieces in zip(whole, zip(*parts, strict=True), strict=True):
            assert np.concatenate(pieces).tobytes() == column.tobytes()
    assert run(1, 12, 2).gap.tobytes() != whole.gap[:12].tobytes()  # the comparison sees a shift


@pytest.mark.parametrize("precision", tables.NUMBERS)
@pytest.mark.parametrize("count", [1, 40, 300])  # stored as single entries, or as a whole layer
def test_estimates_of_a_network_are_the_norms_that_are_certified(precision, count):
    pruned = prune(fcn([30, 40, 25], weights=uniform(-1, 1), activation="relu"), magnitude(count=count))
    _, certified = measured(pruned, precision)
    plan, estimated = measured(pruned, precision, norms=tables.ESTIMATED)
    slack = 2e-5 if precision == tables.SINGLE else 2e-7
    exact = certified.norm_high[:, :, [tables.TARGET, tables.REMOVED]]
    assert estimated.estimates == pytest.approx(exact, rel=slack)
    assert certified.estimates.shape == (0, 2, 2)
    assert (estimated.norm_low == 0).all()  # an estimate is no certificate
    assert np.isinf(estimated.norm_high).all()
    assert np.isinf(allowance_of(plan, estimated, 1.0)).all()
    assert estimated.gap.tobytes() == certified.gap.tobytes()
    assert estimated.tau.tobytes() == certified.tau.tobytes()


@pytest.mark.parametrize("precision", tables.NUMBERS)
def test_an_allowance_is_little_more_than_an_error_that_occurs(precision):
    """A sum 1 + Σ e², each e² lost to rounding: no allowance of less than an eighth would be right.

    The first weight is removed, so that the gap is exactly 1, whatever else the two networks have in common.
    """
    n = 1 << 12
    unit = 2.0**-54 if precision == tables.DOUBLE else 2.0**-25
    weights = np.full((1, 1, n), np.sqrt(unit))
    weights[0, 0, 0] = 1.0
    removed = np.zeros((1, 1, n), np.uint8)
    removed[0, 0, 0] = 1
    plan = network_plan(
        prune(fcn([n, 1], weights=uniform(-1, 1)), magnitude(count=1)), 1.25, key=0, precision=precision
    )
    weights = weights.astype(tables.NUMBERS[precision]).astype(float)
    seen = network_cpu.network_given([weights], [removed], plan.steps, plan.slopes, weights[0], precision=precision)
    error, allowance = abs(seen.gap[0] - 1.0), allowance_of(plan, seen, 1.25)[0]
    assert allowance / 8 < error <= allowance


def test_convolutions_are_certified_even_where_norms_are_estimated():
    target = cnn((2, 5, 5), [conv(2, 3, 3, padding="same", padding_mode="circular", weights=uniform(-1, 1))])
    pruned = prune(target, magnitude(count=5))
    _, certified = measured(pruned, "single")
    _, estimated = measured(pruned, "single", norms=tables.ESTIMATED)
    assert certified.norm_high.tobytes() == estimated.norm_high.tobytes()
    assert (estimated.estimates == 0).all()


def test_given_weights_of_a_convolution_behind_a_layer_that_is_estimated():
    rng = np.random.default_rng(3)
    shapes = (3, 2, 1, 1), (4, 3, 3, 3)
    same = ((1, 1), (1, 1))
    table = [
        steps.linear(2, 3, grid=(5, 5)),
        steps.linear(3, 4, (3, 3), padding=same, grid=(5, 5), frequency_grid=(5, 5), circular=True),
    ]
    weights = [rng.uniform(-1, 1, (2, *shape)) for shape in shapes]
    masks = [rng.random((2, *shape)) < 0.3 for shape in shapes]
    given = weights, masks, table, np.zeros(2), rng.uniform(-0.1, 0.1, (2, 50))
    certified = network_cpu.network_given(*given)
    estimated = network_cpu.network_given(*given, norms=tables.ESTIMATED)
    assert (certified.norm_high[:, 1] < np.inf).all()
    assert estimated.norm_high[:, 1].tobytes() == certified.norm_high[:, 1].tobytes()
    assert estimated.estimates[:, 0] == pytest.approx(
        certified.norm_high[:, 0, [tables.TARGET, tables.REMOVED]], rel=2e-7
    )


@pytest.mark.parametrize("change", [{"weights": uniform(-1e-40, 1)}, {"weights": normal(0, 1e35)}, {"radius": 1e-35}])
def test_what_single_precision_cannot_hold_is_refused(change):
    pruned = prune(fcn([4, 4], weights=change.get("weights", uniform(-1, 1))), magnitude(count=5))
    with pytest.raises(InvalidArgument, match="single precision"):
        network_plan(pruned, change.get("radius", 1.0), key=0, precision="single")
    network_plan(pruned, change.get("radius", 1.0), key=0)


def test_an_unknown_precision_is_named():
    with pytest.raises(InvalidArgument, match="'half'"):
        network_plan(prune(fcn([4, 4], weights=uniform(-1, 1)), magnitude(count=5)), 1.0, key=0, precision="half")


MEMORY = """
import sys
from boundcheck.experiment.measure import network_parts
from boundcheck.experiment.plan import network_plan
from boundcheck.statement.laws import uniform
from boundcheck.statement.network import fcn
from boundcheck.statement.pruning import magnitude, prune
pruned = prune(fcn([64, 64], weights=uniform(-1, 1)), magnitude(count=64))
plan = network_plan(pruned, 1.0, key=1, inputs=1, precision="single")
assert sum(part.trials for part in network_parts(plan, int(sys.argv[1]), norms="estimated")) == int(sys.argv[1])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's largest memory as Linux tells it")
def test_memory_does_not_grow_with_the_trials():
    def peak(trials):
        ran = subprocess.run([sys.executable, "-c", MEMORY, str(trials)], capture_output=True, text=True, check=True)
        return int(ran.stdout) / 1024  # MiB

    peak(1)  # compiles, if need be
    few, many = peak(1_000), peak(100_000)
    assert many - few < 20  # all results would take 10 MiB, and the weights 1.5 GiB
    assert many < 300


@pytest.mark.parametrize("radius", [1e-290, 5e-324])
def test_a_ball_too_small_for_points_to_be_certified_is_refused(radius):
    """Among subnormal numbers no factor makes a radius smaller, and a true bound was refuted."""
    pruned = prune(fcn([4, 3], weights=uniform(-1, 1)), magnitude(count=1))
    with pytest.raises(InvalidArgument, match="is too small"):
        network_plan(pruned, radius, key=0)
    assert network_plan(pruned, 0.0, key=0).radius == 0.0
