"""What the theorem says, in one line: it is shown by `boundcheck list`.

Source: author, year, theorem number. Copy this file, without the leading underscore in its name, and edit it.
"""

from sympy import exp

from boundcheck import E, P, Theorem, bounded, iid, integer, mean, real

# Parameters, with the domain in which you claim the bound.
n = integer("n", min=1, max=10_000)
t = real("t", min=0, max=1)

# The random variables: n independent ones of one law; `bounded` means every law on [0, 1].
X = iid(bounded(0, 1), n)

# The claim. The variable's name is the theorem's name. Add points=[{"n": 100, "t": "1/5"}, …] to choose where it is
# tested; left out, boundcheck chooses points inside the domain.
my_theorem = Theorem(
    claim=P(mean(X) - E(mean(X)) >= t) <= exp(-2 * n * t**2),
    source="Hoeffding 1963, Theorem 1",
)
