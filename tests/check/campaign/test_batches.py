"""Batches of a point and what they come to: pure functions of plain data."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from boundcheck.check.campaign.batch import run_batch
from boundcheck.check.campaign.conclude import conclude, together, used_up, used_up_of_bound
from boundcheck.check.campaign.points import point_rows, theorem_rows
from boundcheck.check.campaign.subjects import network_theorem
from boundcheck.check.options import package_version
from boundcheck.check.run import check
from boundcheck.errors import BoundcheckError, InvalidArgument, TheoremFileError
from boundcheck.experiment import device
from boundcheck.statement.campaign import Campaign, Study
from boundcheck.verdict.evidence import Ladder, PointEvidence

NETWORK = {"fcn": "12,16,4", "prune": "magnitude:alpha=0.5", "delta": "0.1"}
FALSE = """
from sympy import exp
from boundcheck import P, Theorem, bernoulli, iid, integer, mean, real
n = integer("n", min=1, max=1000)
t = real("t", min=0, max=1)
X = iid(bernoulli(0.5), n)
tail = Theorem(claim=P(mean(X) - 0.5 >= t) <= exp(-2 * n * t**2), hypotheses=[t <= 0.4])
too_good = Theorem(claim=P(mean(X) - 0.5 >= t) <= exp(-4 * n * t**2))
"""


def jobs(campaign, **more):
    """The batches of each point, as the loop makes them."""
    for row in point_rows(campaign):
        size = -(-row["trials"] // row["batches"])
        yield [
            {
                "kind": row["kind"], "spec": json.loads(row["spec"]), "start": start,
                "trials": min(size, row["trials"] - start), "level": campaign.point_level, "folder": campaign.folder,
                "device": campaign.device, "version": package_version(), "files": campaign.files, **more,
            }
            for start in ([0] if not row["trials"] else range(0, row["trials"], size))
        ]  # fmt: skip


def stored(result):
    """What a store gives back of a batch."""
    return {**result, "result": json.loads(json.dumps(result["result"], allow_nan=False))}


def verdicts(campaign):
    return [conclude([stored(run_batch(job)) for job in batches], campaign.point_level) for batches in jobs(campaign)]


def campaign_of(batch=None, trials=300, folder=".", **study):
    return Campaign(studies=[Study(**study)], trials=trials, batch=batch, folder=str(folder))


def test_a_verdict_does_not_depend_on_the_batches():
    whole, *others = ([verdicts(campaign_of(batch, **NETWORK))] for batch in (None, 300, 100, 41))
    assert all(other == whole for other in others)
    [[verdict]] = whole
    assert verdict["status"] == "CONFIRMED"
    assert (verdict["trials"], verdict["violations"], verdict["open"]) == (300, 0, 0)
    assert 0 < verdict["gap_q05"] < verdict["gap_q50"] < verdict["gap_q99"] <= verdict["gap_max"]
    assert verdict["gap_max"] <= verdict["certificate_max"] < verdict["bound"]
    assert verdict["attack"] <= verdict["sure"] <= verdict["certificate_max"]
    assert verdict["worst"] == verdict["gap_max"] / verdict["bound"]


def test_a_trial_is_the_same_in_every_batch():
    [[whole]] = jobs(campaign_of(None, 50, **NETWORK))
    [parts] = jobs(campaign_of(7, 50, **NETWORK))
    assert len(parts) == 8
    for key in ("gaps", "certificates"):
        assert b"".join(run_batch(job)[key] for job in parts) == run_batch(whole)[key]


def test_quantiles_are_those_of_all_trials():
    campaign = campaign_of(41, **NETWORK)
    [batches] = jobs(campaign)
    done = [stored(run_batch(job)) for job in batches]
    verdict = conclude(done, campaign.point_level)
    gaps = np.sort(np.frombuffer(b"".join(batch["gaps"] for batch in done), dtype="<f8"))
    for q in (5, 25, 50, 75, 95, 99):  # the least value that at least so many per cent do not exceed
        assert verdict[f"gap_q{q:02}"] == gaps[math.ceil(q / 100 * 300) - 1]
    assert verdict["gap_max"] == gaps[-1]


def test_the_counts_are_those_of_check():
    factor = "1/12"  # a claim that some trials violate
    campaign = campaign_of(64, **NETWORK, factor=factor)
    [verdict] = verdicts(campaign)
    [[first, *_]] = jobs(campaign)
    theorem = network_theorem(first["spec"], ".")
    [point] = check(replace(theorem, points=[{"delta": "0.1"}]), trials=300).points
    assert 0 < verdict["violations"] < 300
    assert (verdict["violations"], verdict["open"]) == (point.evidence.violations, point.evidence.open)
    assert verdict["bound"] == point.evidence.ladder.bound


def test_a_wrong_bound_is_refuted_with_the_trial_that_shows_it():
    [verdict] = verdicts(campaign_of(64, **NETWORK, factor="1/50"))
    assert verdict["status"] == "REFUTED"
    assert verdict["worst"] > 1
    found = json.loads(verdict["details"])["counterexample"]
    trial = found["first_violation"]["trial"]
    assert 0 <= trial < 300
    assert found["first_violation"]["gap"] > verdict["bound"]
    # The same trial by itself, as a batch of one.
    [[job]] = jobs(campaign_of(None, 300, **NETWORK, factor="1/50"))
    again = run_batch({**job, "start": trial, "trials": 1})
    assert (again["violations"], again["result"]["first_violation"]["trial"]) == (1, trial)


def test_a_true_and_tight_bound_is_not_refuted():
    layer = {"fcn": "12,16", "activation": "identity", "prune": "magnitude:alpha=0.5", "delta": "0.1"}  # gaps are known
    [loose] = verdicts(campaign_of(**layer))
    factor = loose["gap_q95"] / loose["bound"]  # exceeded in 5 % of trials, where 10 % are allowed
    for seed in range(4):  # each is refuted by mistake with probability at most 0.01
        [verdict] = verdicts(campaign_of(**layer, factor=str(factor), seed=seed))
        assert verdict["status"] != "REFUTED"
        assert verdict["violations"] > 0


def test_equal_points_have_equal_draws_and_others_have_others():
    def gaps(**more):
        [[job]] = jobs(campaign_of(None, 20, **{**NETWORK, **more}))
        return np.frombuffer(run_batch(job)["gaps"])

    assert (gaps() == gaps(name="another")).all()
    for more in ({"seed": 1}, {"delta": "0.2"}, {"fcn": "12,15,4"}, {"radius": 2}):
        assert not (gaps(**more)[: len(gaps())] == gaps()).any()


def test_points_of_a_theorem(tmp_path):
    (tmp_path / "mine.py").write_text(FALSE)
    parameters = {"n": [10, 100], "t": ["0.1", "0.3", "0.5"]}
    campaign = campaign_of(None, None, tmp_path, theorem="mine.py::tail", parameters=parameters)
    found = verdicts(campaign)
    assert [verdict["status"] for verdict in found] == ["CONFIRMED"] * 4  # t = 0.5 violates the hypothesis
    assert all(verdict["exact"] == 1 and 0 < verdict["worst"] < 1 for verdict in found)
    [row] = theorem_rows(campaign)
    assert (row["theorem"], row["file"], row["expected"]) == ("tail", "mine.py", 1)
    wrong = verdicts(campaign_of(None, None, tmp_path, theorem="mine.py::too_good", parameters=parameters))
    assert "REFUTED" in {verdict["status"] for verdict in wrong}
    assert max(verdict["worst"] for verdict in wrong) > 1
    record = json.loads(wrong[0]["details"])
    assert record["file"] == "mine.py"
    assert "seconds" not in record


def test_a_theorem_that_ships_is_checked_where_boundcheck_chooses():
    [verdict] = verdicts(campaign_of(None, None, theorem="hoeffding"))
    record = json.loads(verdict["details"])
    assert (verdict["status"], record["theorem"]) == ("CONFIRMED", "hoeffding")
    assert verdict["worst"] == max(point["ratio_high"] for point in record["points"])


def test_what_cannot_be_tested_is_an_error_of_its_point():
    [verdict] = verdicts(campaign_of(fcn="20000,20000,4", prune="magnitude:alpha=0.5"))
    assert verdict["status"] == "ERROR"
    assert "too many to draw" in verdict["note"]


@pytest.mark.parametrize(
    ("study", "said"),
    [
        ({**NETWORK, "delta": 2}, "delta='2' is not a failure probability"),
        ({**NETWORK, "radius": 0}, "radius='0' is not a positive number"),
        ({**NETWORK, "factor": -1}, "factor='-1' is not a positive number"),
        ({**NETWORK, "weights": "cauchy:1"}, "is not a known law"),
        ({"fcn": "8,d", "d": "1/2", "prune": "magnitude:alpha=0.5"}, "is not a width|is not a list of layer widths"),
        ({"fcn": "8,8", "prune": "magnitude:count=100"}, "100"),
        ({"theorem": "hoefding"}, "is not a theorem that ships"),
        ({"theorem": "hoeffding", "parameters": {"n": 10}}, "gives no value for"),
        ({"theorem": "hoeffding", "parameters": {"n": -1, "t": 1}}, "outside its domain"),
        ({"theorem": "sinh_lemma", "parameters": {"x": 1}}, "checked as a whole|not a theorem that ships"),
    ],
)
def test_mistakes_are_named_before_anything_is_run(study, said):
    campaign = campaign_of(**study)
    with pytest.raises(BoundcheckError, match=said):
        list(theorem_rows(campaign)) + list(point_rows(campaign))


def test_another_place_is_refused(tmp_path):
    (tmp_path / "mine.py").write_text(FALSE)
    [[job]] = jobs(campaign_of(None, None, tmp_path, theorem="mine.py::tail", parameters={"n": 10, "t": "0.1"}))
    with pytest.raises(InvalidArgument, match=r"is not the campaign's, which is 0\.0\.1"):
        run_batch({**job, "version": "0.0.1"})
    (tmp_path / "mine.py").write_text(FALSE + "\n")
    with pytest.raises(InvalidArgument, match="is not the one that the campaign began with"):
        run_batch(job)
    (tmp_path / "mine.py").unlink()
    with pytest.raises(InvalidArgument, match="cannot be read"):
        run_batch(job)


def test_what_a_place_lacks_is_no_error_of_a_point(tmp_path, monkeypatch):
    [[job]] = jobs(campaign_of(**NETWORK))
    monkeypatch.setattr(device, "_no_cuda", lambda: ("is not here", "pass cpu"))
    with pytest.raises(InvalidArgument, match="device='cuda' is not here"):
        run_batch({**job, "device": "cuda"})
    (tmp_path / "hers.py").write_text("import a_module_that_this_place_lacks\n" + FALSE)
    named = {"theorem": "hers.py::tail", "parameters": {"n": "10", "t": "0.1"}, "seed": 0, "trials": None}
    with pytest.raises(TheoremFileError, match="a_module_that_this_place_lacks"):
        run_batch({**job, "kind": "sample", "folder": str(tmp_path), "spec": {**named, "precision": "double"}})


def test_the_number_of_trials_confirms_at_the_level_of_a_point():
    few, many = (campaign_of(None, None, **{**NETWORK, "seed": list(range(count))}) for count in (1, 1000))
    [small], large = list(point_rows(few)), next(point_rows(many))
    assert small["trials"] < large["trials"] < 3 * small["trials"]
    [batches] = [batches for batches in jobs(few)]
    verdict = conclude([stored(run_batch(job)) for job in batches], many.point_level)
    assert verdict["beta"] == pytest.approx(1e-5)


def test_what_is_used_up_of_a_claim():
    point = {"quantity": "probability", "exact": False, "observed": 0.01, "claimed": 0.1}
    assert used_up(point) == pytest.approx(0.1)
    assert used_up({**point, "observed": None}) is None
    assert used_up({**point, "claimed": 0.0}) == math.inf
    assert used_up({**point, "claimed": 0.0, "observed": 0.0}) is None
    assert used_up({**point, "exact": True, "ratio_high": 0.9}) == 0.9
    assert used_up({**point, "exact": True, "ratio_low": 0.5, "ratio_high": "inf"}) == 0.5
    assert used_up({**point, "exact": True, "ratio_low": "inf", "ratio_high": "inf"}) == math.inf
    assert used_up({"quantity": "ratio", "observed": 0.7}) == 0.7


def test_what_is_used_up_of_a_bound():
    assert used_up_of_bound(Ladder(observed=1.0, certificate=1.0, bound=4.0)) == 0.25
    assert used_up_of_bound(Ladder(observed=0.0, certificate=0.0, bound=0.0)) is None
    assert used_up_of_bound(Ladder(observed=1e-9, certificate=1.0, bound=0.0)) == math.inf
    assert used_up_of_bound(Ladder(observed=math.nan, certificate=1.0, bound=4.0)) is None


def test_a_gap_that_is_not_known_is_not_forgotten_in_whatever_batch():
    parts = [
        PointEvidence(
            parameters={}, law=None, claimed_low=0.1, claimed_high=0.1, trials=1,
            ladder=Ladder(observed=gap, certificate=gap, bound=4.0),
        )
        for gap in (1.0, math.nan, 2.0)
    ]  # fmt: skip
    for order in (parts, parts[::-1], parts[1:], parts[:2]):
        assert math.isnan(together(order).ladder.observed)
        assert math.isnan(together(order).ladder.certificate)
    assert together([parts[0], parts[2]]).ladder.observed == 2.0


def test_the_levels_of_all_points_are_no_more_than_that_of_the_campaign():
    for level in (0.5, 0.9, 0.99, 0.999999):
        for count in (1, 3, 7, 1000, 99_999):
            campaign = campaign_of(**{**NETWORK, "seed": {"min": 0, "max": 10**6}, "sample": count})
            campaign = replace(campaign, level=level)
            assert count * (1 - Fraction(campaign.point_level)) <= 1 - Fraction(level)
            assert 1 - campaign.point_level == pytest.approx((1 - level) / count, rel=1e-4)


def test_no_ratio_speaks_against_an_unspecified_constant():
    points = [{"quantity": "ratio", "law": None, "observed": ratio, "beta": None} for ratio in (0.7, 3.0, 1.2)]
    record = {
        "theorem": "growth",
        "status": "SCALING OBSERVED",
        "vacuous": False,
        "method": "growth",
        "note": "",
        "points": points,
    }
    found = conclude([{"kind": "sample", "result": record}], 0.99)
    assert (found["observed"], found["worst"]) == (3.0, None)
