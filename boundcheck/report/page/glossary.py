"""What the words of a report mean."""

from __future__ import annotations

GLOSSARY: dict[str, str] = {
    "PROVED": "holds on the whole stated domain, by symbolic or ball arithmetic or by an exact law.",
    "CONFIRMED": (
        "at the tested points, what the claim bounds is at most what is claimed: for certain where exact laws"
        " are known, else by a confidence limit. It says nothing about points that were not tested."
    ),
    "REFUTED": "there is a counterexample: exact, or a lower confidence limit above the claim.",
    "INCONCLUSIVE": "neither confirmed nor refuted; the reason says what would decide.",
    "SCALING OBSERVED": (
        "for a claim with a constant that nobody names: at the tested sizes the ratio of the sides does not grow."
    ),
    "SCALING BROKEN": "for such a claim: the ratio of the sides grows.",
    "ERROR": "the point could not be evaluated; the reason says why.",
    "level": (
        "the probability with which every decision of the run that rests on trials is right, all of them together."
    ),
    "vacuous": "the claim says nothing at this point: a probability of at least 1, or a gap above a trivial bound.",
    "gap": (
        "the largest distance between the outputs of the network and of the pruned one, over all inputs in "
        "the ball: at least what a search found."
    ),
    "T1": (
        "the certificate: a bound of the gap of one draw of the weights by the recursion over layers, at the "
        "norms that these weights have. Gap ≤ T1 always."
    ),
    "sure": "the sharpest certified bound of the gap, of the trials that were looked at closer.",
    "bound": "what the theorem promises of the gap, except with probability δ.",
    "worst ratio": (
        "how much of the claim is used up: the largest gap seen over the bound, the exact tail over the "
        "claimed probability, or the rate of violations over the claimed one. 1 is tight. Above 1 speaks "
        "against the claim, except for a gap: it may exceed its bound in a share δ of the draws."
    ),
    "violation": (
        "a trial in which the bound was exceeded for certain, whatever rounding did. A trial is open if it is"
        " neither that nor certainly within the bound."
    ),
    "limits": (
        "the left side of the claim lies between them: for certain if it is exact, else with the confidence "
        "that is stated."
    ),
    "δ, α": (
        "δ is the claimed probability of failure. α is the amount of pruning: of D weights of a layer, "
        "⌊D^(1−α)⌋ are removed."
    ),
}
