"""Another process measures what this one would, bit by bit, and nothing depends on how far it comes."""

import multiprocessing
import os
import select
import signal
import time
from contextlib import contextmanager
from threading import Thread

import numpy as np
import pytest

from boundcheck.experiment.arrays import NetworkPlan
from boundcheck.experiment.head_start import head_start
from boundcheck.experiment.measure import measure_network, network_parts
from boundcheck.experiment.plan import network_plan
from boundcheck.statement.laws import normal, uniform
from boundcheck.statement.layer import conv
from boundcheck.statement.network import cnn, fcn
from boundcheck.statement.pruning import magnitude, prune, random

DENSE = fcn([6, 12, 4], weights=uniform(-1, 1))
FILTERS = cnn((1, 5, 5), [conv(1, 2, 3, weights=normal(0, 1))])


def planned(network=DENSE, rule=None, radius=1.0, **options):
    return network_plan(prune(network, rule or magnitude(alpha="1/2")), radius, **{"key": 5} | options)


def assert_equal(one, other):
    for name, column in vars(one).items():
        assert np.array_equal(column, vars(other)[name]), name


@contextmanager
def started():
    """A head start with its process, which is gone in the end."""
    with head_start("cpu", 2) as ahead:
        [process] = multiprocessing.active_children()
        yield ahead, process
    assert not process.is_alive()
    assert multiprocessing.active_children() == []


# Known trials ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [1, 40, 100, 120])
@pytest.mark.parametrize("options", [{}, {"precision": "single"}, {"norms": "estimated"}])
def test_known_trials_are_not_run_again_and_change_no_bit(first, options):
    norms = {"norms": options["norms"]} if "norms" in options else {}
    plan = planned(**{name: value for name, value in options.items() if name not in norms})
    whole, known = (measure_network(plan, trials, **norms) for trials in (100, first))
    told = []
    assert_equal(measure_network(plan, 100, known=known, progress=told.append, **norms), whole)
    assert (told[0], sum(told)) == (min(first, 100), 100)
    parts = list(network_parts(plan, 100, known=known, **norms))
    assert (parts[0].trials, sum(part.trials for part in parts)) == (min(first, 100), 100)


def test_a_plan_is_known_by_all_that_its_trials_depend_on():
    plan = planned()
    assert plan.fingerprint == planned().fingerprint
    others = [planned(rule=random(fraction="1/2")), planned(radius=2.0), planned(inputs=8), planned(FILTERS)]
    for name, value in vars(plan).items():
        if name not in ("passes", "secants"):  # these follow from the others
            others.append(NetworkPlan(**vars(plan) | {name: "single" if isinstance(value, str) else value + 1}))
    assert len({plan.fingerprint, *(other.fingerprint for other in others)}) == len(others) + 1


# The process ----------------------------------------------------------------------------------------------------------


def handed_over(plans, enough):
    """What the process hands over of plans by their labels, once it had time enough."""
    for seconds in (1, 4, 16, 64):
        with started() as (ahead, _):
            for label, (plan, trials) in plans.items():
                ahead.begin(label, plan, trials)
            time.sleep(seconds)
            found = ahead.stop()
        if enough <= found.keys():
            return found
    pytest.fail(f"only {list(found)} in {seconds} seconds")


def test_the_process_measures_what_this_one_would_and_hands_over_what_it_has():
    first, second = planned(), planned(key=6)
    found = handed_over({"first": (first, 70), "second": (second, 10**9), "third": (first, 70)}, {"first", "second"})
    assert found.keys() == {"first", "second"}
    assert_equal(found["first"][first.fingerprint], measure_network(first, 70))
    [(fingerprint, part)] = found["second"].items()
    assert fingerprint == second.fingerprint
    assert 0 < part.trials < 10**9
    assert_equal(measure_network(second, 64, known=part), measure_network(second, 64))


def test_stopping_before_anything_begins():
    with started() as (ahead, _):
        assert ahead.stop() == {}


@pytest.mark.parametrize(("device", "cores"), [("cpu", 1), ("cuda", 8)])
def test_there_is_no_process_where_it_would_be_in_the_way(device, cores):
    with head_start(device, cores) as ahead:
        assert not ahead.active
        assert multiprocessing.active_children() == []
        ahead.begin("network", planned(), 10)
        assert ahead.stop() == {}


def test_a_process_that_dies_is_not_missed():
    with started() as (ahead, process):
        process.kill()
        process.join()
        for _ in range(100):
            ahead.begin("network", planned(), 10)
        assert ahead.stop() == {}


def test_an_error_there_is_not_shown_and_keeps_what_came_before(capfd):
    plan = planned()
    broken = NetworkPlan(**vars(plan) | {"steps": None})
    found = handed_over({"whole": (plan, 40), "broken": (broken, 40), "after": (plan, 40)}, {"whole"})
    assert found.keys() == {"whole"}
    assert found["whole"][plan.fingerprint].trials == 40
    assert capfd.readouterr() == ("", "")


def test_an_interrupt_is_for_this_process_to_hear():
    with started() as (ahead, process):
        os.kill(process.pid, signal.SIGINT)
        ahead.begin("network", planned(), 10)
        time.sleep(0.5)
        assert process.is_alive()
    with pytest.raises(KeyboardInterrupt), started():
        raise KeyboardInterrupt


def test_who_hands_over_much_never_waits():
    with started() as (ahead, _):
        jobs = Thread(target=lambda: [ahead.begin("busy", planned(), 10**9) for _ in range(1000)], daemon=True)
        jobs.start()
        jobs.join(60)
        assert not jobs.is_alive()


def test_the_process_ends_with_its_parent():
    """However that ends."""
    context = multiprocessing.get_context("fork")
    read, write = os.pipe()  # the end that is written to closes with the last process that has it

    def parent():
        with head_start("cpu", 2) as ahead:
            ahead.begin("busy", planned(), 10**9)
            os.kill(os.getpid(), signal.SIGKILL)

    process = context.Process(target=parent)
    process.start()
    os.close(write)
    process.join()
    assert select.select([read], [], [], 60)[0]
    assert os.read(read, 1) == b""
    os.close(read)
