"""False mutants that the checker must refute, by theorem, as labelled by `quality.mutants`.

Chosen from the log of report.py: `quality.oracle` found a point at which each is false.
"""

KNOWN_FALSE: dict[str, tuple[str, ...]] = {
    "bennett": (
        "factor -1 of -b*t/v dropped",
        "-1 → -11/10",
        "event: other side",
        "1 → 2",
    ),
    "bernstein": (
        "factor 1/(2*b*t/3 + 2*v) of -n*t**2/(2*b*t/3 + 2*v) dropped",
        "law: upper × 2",
    ),
    "bernstein_quantile": ("event: threshold 1/sqrt(n) → power -3/2",),
    "chernoff_kl_lower": (
        "1/(1 - p) → power -2",
        "1 → 2",
        "law: mean forgotten",
        "factor log(q/p) of q*log(q/p) dropped",
    ),
    "chernoff_lower": (
        "factor u of -u dropped",
        "1 → 2",
        "event: threshold 1 → 11/10",
    ),
    "chernoff_two_sided": ("law: mean × 2",),
    "poisson_lower": (
        "exponent of exp(-rate + x) × 2",
        "event: two-sided",
    ),
    "chernoff_upper_far": (
        "law: mean forgotten",
        "event: threshold whole × 1/2",
    ),
    "gaussian_maximum_quantile": (
        "event: two-sided",
        "event: threshold factor sqrt(2) of sqrt(2)*sqrt(log(n/(2*delta))) dropped",
        "event: threshold sqrt(log(n/(2*delta))) → power 3/2",
    ),
    "hoeffding_mean": ("factor -1 of -a dropped",),
    "hoeffding_lemma": (
        "factor a of -a dropped",
        "lam**2 → power 3",
        "law: range a tenth wider below",
    ),
    "markov": ("-1 → -10/11",),
}
