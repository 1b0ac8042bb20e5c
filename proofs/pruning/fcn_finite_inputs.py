"""The gap at finitely many inputs that are fixed before the weights are drawn, as those of a test set are.

This is a statement about N inputs, any that do not depend on the weights, and not about the ball that holds them: a
search for worse inputs after the weights are known says nothing about it, and finds larger gaps. Tested are N points
drawn once, close to the sphere; the gap at these is known up to rounding in every trial.

Source: X. Qian and D. Klabjan, "A Probabilistic Approach to Neural Network Pruning", ICML 2021, for the setting; bounds
of quadratic forms after D. Hsu, S. M. Kakade and T. Zhang, Electron. Commun. Probab. 17 (2012), Theorem 1.
"""

from sympy import floor, sqrt

from boundcheck import P, Theorem, fcn, gap, gap_bound, integer, magnitude, prune, random, real, uniform

d = integer("d", min=16, max=4096)
N = integer("N", min=1, max=10_000)
alpha = real("alpha", min=0, max=1, exclude_min=True, exclude_max=True)
delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)

target = fcn([d, d, d, d], weights=uniform(-1 / sqrt(d), 1 / sqrt(d)), activation="relu")
POINTS = [
    {"d": 32, "N": 1, "alpha": "1/2", "delta": "1/20"},
    {"d": 64, "N": 256, "alpha": "1/2", "delta": "1/20"},
    {"d": 128, "N": 64, "alpha": "3/10", "delta": "1/20"},
]


def _claim(rule):
    pruned = prune(target, rule(keep_out=floor(d ** (2 * (1 - alpha)))))
    return P(gap(target, pruned, inputs=N) > gap_bound(target, pruned, delta=delta, inputs=N)) <= delta


fcn_fixed_inputs_magnitude = Theorem(
    claim=_claim(magnitude), source="setting of Qian and Klabjan 2021; constants derived here", points=POINTS
)
fcn_fixed_inputs_random = Theorem(
    claim=_claim(random), source="setting of Qian and Klabjan 2021; constants derived here", points=POINTS
)
