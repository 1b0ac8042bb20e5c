"""Steps that bound one norm of one layer: an inequality of the library, and what turns its bound into others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, S, log, simplify

from boundcheck.derivation.proof.biases import BiasesDrawn
from boundcheck.derivation.proof.judgement import (
    Assumed,
    Context,
    Judgement,
    NormStep,
    Part,
    Reason,
    Step,
    Subject,
    demand,
    proved,
)
from boundcheck.derivation.proof.tails import inverse_of_tail
from boundcheck.inequalities.bounds.counts import ChannelCounts, channel_counts
from boundcheck.inequalities.bounds.frobenius import frobenius_bound, schur_bound
from boundcheck.inequalities.bounds.order_statistics import UNIT, threshold_bound
from boundcheck.inequalities.bounds.random_matrix import Entries, NormInequality, RandomMatrix
from boundcheck.inequalities.bounds.random_subset import SubsetInequality
from boundcheck.statement.domain import Parameter
from boundcheck.statement.functions import Greatest, Least
from boundcheck.statement.layer import Layer
from boundcheck.statement.pruning import BERNOULLI, Pruned

_CENTRED = "weights are independent and symmetric about 0"


def _given(subject: Subject) -> frozenset[Part]:
    """Weights divided by the threshold are independent given the threshold and the set (T5)."""
    return frozenset({Part.THRESHOLD}) if subject.scaled else frozenset()


def _law_of(subject: Subject) -> tuple[Reason, ...]:
    """What is known of the weights given the threshold; without one, hypotheses say it."""
    demand(bool(subject.law.symmetric), f"{subject} needs weights that are symmetric about 0, and has {subject.law}")
    if not subject.scaled:
        return ()
    words = f"removed weights / threshold are independent, of law {subject.law} or mixtures with smaller moments"
    return (Reason(words, "T5, given the threshold"),)


def hypotheses(subject: Subject) -> tuple[Step, ...]:
    """The hypotheses that a bound of this subject rests on."""
    if subject.scaled:
        return ()
    if subject.part is Part.BIAS:
        return (BiasesDrawn(subject.layer),)
    chosen = (SetTaken(subject.layer, subject.entries),) if subject.entries is not Entries.FIXED else ()
    return WeightsDrawn(subject.layer), *chosen


@dataclass(frozen=True)
class WeightsDrawn(Step):
    """Hypothesis: the weights of a layer are independent, of its law."""

    layer: Layer
    rule = "hypothesis"

    @cached_property
    def judgement(self) -> Assumed:
        """In words."""
        return Assumed(f"the weights are independent, each {self.layer.weights}, symmetric about 0")

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """Some layer of the network is this one, and its law is symmetric."""
        layers = [layer.linear for layer in context.pruned.target.layers]
        demand(
            self.layer.linear in layers,
            f"{context.pruned.target} has no layer of {self.layer.size} weights {self.layer.weights} like this one",
        )
        demand(bool(self.layer.weights.symmetric), f"{self.layer.weights} is not symmetric about 0")
        return ()


@dataclass(frozen=True)
class SetTaken(Step):
    """Hypothesis: how the set of weights that is removed, or kept, comes about."""

    layer: Layer
    entries: Entries
    rule = "hypothesis"

    @cached_property
    def judgement(self) -> Assumed:
        """In words."""
        return Assumed(f"what is removed is {self.entries.value}")

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """Some layer like this one is pruned so."""
        found = {entries_of(context.pruned, i) for i in range(context.pruned.target.depth) if self._is(context, i)}
        demand(self.entries in found, f"no such layer is pruned so that what is removed is {self.entries.value}")
        return ()

    def _is(self, context: Context, i: int) -> bool:
        return context.pruned.target.layers[i].linear == self.layer.linear


def entries_of(pruned: Pruned, i: int) -> Entries:
    """How the set that is removed from layer i comes about; all weights, or none, are a fixed set, so independent."""
    rule, removed = pruned.rules[i], pruned.removed(i)
    if rule is not None and rule.kind == BERNOULLI and removed not in (0, pruned.target.layers[i].size):
        return Entries.MASKED
    if rule is None or rule.independent or removed == 0 or removed == pruned.target.layers[i].size:
        return Entries.INDEPENDENT
    return Entries.WORST if rule.structured else Entries.SIGN_FREE


class Leaf(NormStep):
    """A step that rests on hypotheses about its subject alone."""

    subject: Subject

    @property
    def premises(self) -> tuple[Step, ...]:
        """The hypotheses about weights and set."""
        return hypotheses(self.subject)


class FromLibrary(Leaf):
    """A leaf that is an inequality of the library, used on a subject."""

    inequality: NormInequality | SubsetInequality
    rule = "inequality"

    @property
    def cited(self) -> str:
        """Name and source of the inequality."""
        return f"{self.inequality.key}: {self.inequality.name}; {self.inequality.source}"


@dataclass(frozen=True)
class Applied(FromLibrary):
    """An inequality of the library, used on a layer's weights or on a set of them."""

    inequality: NormInequality
    matrix: RandomMatrix
    share: Expr
    subject: Subject
    bound: Expr

    @cached_property
    def judgement(self) -> Judgement:
        """The subject is at most the inequality's bound, except with its share; given counts, if it rests on them."""
        counted = frozenset() if self._all_entries else frozenset({Part.COUNTS})
        return Judgement(self.subject, self.bound, self.share, _given(self.subject) | counted)

    @property
    def _all_entries(self) -> bool:
        return self.matrix.occupancy == RandomMatrix.whole(self.matrix.layer).occupancy

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The law has what the inequality needs, the set is one that it allows, and the bound inverts its tail."""
        key, matrix, subject = self.inequality.key, self.matrix, self.subject
        demand(matrix.law == subject.law, f"{key} is used for weights {matrix.law}, and they are {subject.law}")
        demand(
            matrix.entries in self.inequality.admits,
            f"{key} is not for {matrix.entries.value}, as {subject} is in this layer",
        )
        expected = self.inequality.bound(matrix, self.share)
        demand(expected is not None, f"{key} has no bound for weights {matrix.law} of this layer")
        demand(self.bound == expected, f"{key} gives {expected}, not {self.bound}")
        return (
            *_law_of(subject),
            Reason(f"{key} holds for {matrix.entries.value}", "its hypotheses"),
            inverse_of_tail(self.inequality),
            *_entries(matrix, subject),
        )


def _entries(matrix: RandomMatrix, subject: Subject) -> tuple[Reason, ...]:
    """That the matrix is about the entries of the subject."""
    rows, layer = matrix.layer.outputs, subject.layer
    demand(replace(matrix.layer, outputs=layer.outputs) == layer, f"{subject} is a norm of another layer")
    if matrix.log_choices != 0:
        demand(subject.count is not None and rows == subject.count, f"{subject} is not of {rows} outputs")
        assert subject.count is not None
        expected = log_choices(subject.count, layer.outputs)
        demand(matrix.log_choices == expected, f"log C(m, k) is bounded by {expected}, not by {matrix.log_choices}")
        return (Reason("C(m, k) <= (e m / k)^k sets of k outputs share it", "union bound over fixed sets"),)
    demand(matrix.entries is subject.entries, f"{subject} is about {subject.entries.value}: not {matrix.entries.value}")
    if rows != layer.outputs:
        kept = subject.count if subject.part is Part.REMOVED else layer.outputs - (subject.count or 0)
        demand(rows == kept and subject.entries is Entries.INDEPENDENT, f"{subject} is not of {rows} fixed outputs")
    return ()


@dataclass(frozen=True)
class Chosen(NormStep):
    """A bound that holds for each value of a free parameter, at one value."""

    family: NormStep
    choice: tuple[Parameter, Expr]
    rule = "choice of a free parameter"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The bound with the parameter free."""
        return (self.family,)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound at the value."""
        family = self.family.judgement
        parameter, value = self.choice
        return replace(family, bound=family.bound.xreplace({parameter: value}))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The value lies in the parameter's domain, and is not random."""
        parameter, value = self.choice
        demand(value in parameter.domain, f"{parameter} = {value} lies outside {parameter.domain}")
        return (
            Reason(f"{parameter} = {value} lies in {parameter.domain}, and is a number fixed beforehand", "domain"),
        )


def log_choices(count: Expr, outputs: Expr) -> Expr:
    """k (1 + log(m/k)), an upper bound of log C(m, k) for 1 <= k <= m; 0 for k = 0."""
    return count * (1 + log(outputs / Greatest(count, S.One)))


@dataclass(frozen=True)
class FromSubset(FromLibrary):
    """An inequality for the norm of so many removed weights."""

    inequality: SubsetInequality
    share: Expr
    subject: Subject
    bound: Expr

    @cached_property
    def judgement(self) -> Judgement:
        """The subject is at most the inequality's bound, except with its share."""
        return Judgement(self.subject, self.bound, self.share, _given(self.subject))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The set is what the inequality is about, and its bound is the one that it gives."""
        subject, key = self.subject, self.inequality.key
        assert subject.count is not None
        if subject.entries is Entries.SIGN_FREE:
            expected = self.inequality.bound_by_magnitude(subject.layer, subject.count, self.share)
            how = "T5: R is tau/a times a residual that is independent of tau/a ~ Beta(k + 1, D - k)"
        else:
            demand(subject.entries in self.inequality.admits, f"{key} is not for {subject.entries.value}")
            expected = self.inequality.bound(subject.layer, subject.law, subject.count, self.share)
            how = "T5, given the threshold" if subject.scaled else "hypothesis"
        demand(expected is not None, f"{key} has no bound for weights {subject.law} and {subject.entries.value}")
        demand(self.bound == expected, f"{key} gives {expected}, not {self.bound}")
        words = "the removed set is uniform among those of its size, independent of the rest"
        if subject.entries is Entries.MASKED:
            words = f"each weight is removed with probability {subject.count / subject.layer.size}, independently"
        return *_law_of(subject), Reason(words, how)


@dataclass(frozen=True)
class Counts(NormStep):
    """T4: how many of the removed weights fall into one output, and into one input channel."""

    subject: Subject
    share: Expr
    rule = "counts (T4)"
    source = "W. Hoeffding, JASA 58 (1963), Theorems 1 and 4"

    @cached_property
    def counts(self) -> ChannelCounts:
        """Bounds for all output and all input channels, together."""
        assert self.subject.count is not None
        return channel_counts(self.subject.layer, self.subject.count, self.share)

    @cached_property
    def judgement(self) -> Judgement:
        """No channel has more removed weights than the larger bound, except with its share."""
        half = self.counts
        largest = half.in_output if half.in_output == half.in_input else Greatest(*half)
        subject = replace(self.subject, part=Part.COUNTS)
        return Judgement(subject, largest, self.share)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The set is a uniform subset, whatever the weights."""
        demand(self.subject.entries is Entries.INDEPENDENT, f"counts are not for {self.subject.entries.value}")
        share = "each of m + n channels has an equal share"
        return Reason("the removed set is uniform among those of its size", "hypothesis, or T5"), Reason(
            share, "union bound"
        )


@dataclass(frozen=True)
class GivenCounts(NormStep):
    """A bound that holds given the removed set, where no channel has more of it than bounded; failures add up."""

    counts: Counts
    norm: Applied
    rule = "conditioning on the removed set"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """Counts, and the norm given them."""
        return self.counts, self.norm

    @cached_property
    def judgement(self) -> Judgement:
        """The norm's bound, except with both probabilities together."""
        counts, norm = self.counts.judgement, self.norm.judgement
        return replace(norm, failure=counts.failure + norm.failure, given=norm.given - {Part.COUNTS})

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The set is independent of the weights, and the norm's bound rests on these counts."""
        subject = self.norm.subject
        demand(
            subject.entries is Entries.INDEPENDENT,
            f"a bound given the removed set needs weights independent of it, and it is {subject.entries.value}",
        )
        demand(self.counts.subject == subject, "the counts are those of another set")
        demand(self.norm.matrix.occupancy == self.counts.judgement.bound, "the norm's bound rests on other counts")
        return (
            Reason("weights are independent of the removed set", "hypothesis, or T5 given the threshold"),
            Reason("the norm's bound increases with the counts", "it holds for all sets with at most as many"),
        )


@dataclass(frozen=True)
class Deterministic(Leaf):
    """T3e: a bound that holds for certain, of so many weights that are bounded."""

    subject: Subject
    bound: Expr
    rule = "Frobenius norm (T3e)"
    source = "R. A. Horn and C. R. Johnson, Matrix Analysis, 2nd ed., 2013, Section 5.6"

    @cached_property
    def judgement(self) -> Judgement:
        """The bound, for certain."""
        return Judgement(self.subject, self.bound, S.Zero, _given(self.subject))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """Weights are bounded."""
        subject = self.subject
        demand(subject.law.supremum is not None, f"weights {subject.law} have no bound")
        assert subject.law.supremum is not None
        assert subject.count is not None
        layer = subject.layer
        weights = {subject.count, subject.count * layer.inputs * layer.taps}  # or filters
        demand(
            any(self.bound == frobenius_bound(subject.law.supremum, layer.taps, k) for k in weights),
            f"B sqrt(kappa k) is not {self.bound}",
        )
        return (Reason(f"|w| <= {subject.law.supremum}", "the law"),)


@dataclass(frozen=True)
class SchurByCounts(NormStep):
    """T3e by Schur's test: sqrt(r c) largest weights, r and c the counts of removed ones."""

    counts: Counts
    subject: Subject
    rule = "Schur's test (T3e)"
    source = "R. A. Horn and C. R. Johnson, Matrix Analysis, 2nd ed., 2013, Section 5.6"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The counts."""
        return (self.counts,)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound, except where the counts are larger."""
        assert self.subject.law.supremum is not None
        bound = schur_bound(self.subject.law.supremum, *self.counts.counts)
        return Judgement(self.subject, bound, self.counts.share, _given(self.subject))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """Weights are bounded, and the counts are of their set."""
        demand(
            replace(self.counts.subject, law=self.subject.law) == self.subject, "the counts are those of another set"
        )
        return (Reason(f"|w| <= {self.subject.law.supremum}", "the law"),)


@dataclass(frozen=True)
class Threshold(Leaf):
    """T5: the threshold of magnitude pruning is an order statistic; `symbol` stands for its bound, or is it."""

    subject: Subject
    share: Expr
    symbol: Expr
    rule = "order statistic (T5)"
    source = "H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., 2003, Sections 2.3 and 2.5"

    @cached_property
    def judgement(self) -> Judgement:
        """The threshold is at most its quantile, except with its share."""
        return Judgement(self.subject, self.symbol, self.share)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The quantile is that of |w| at Beta(k + 1, D - k)."""
        assert self.subject.count is not None
        expected = context.written_out(threshold_bound(self.subject.layer, self.subject.count, self.share))
        found = context.written_out(self.symbol)
        demand(expected == found, f"the threshold is at most {expected}, not {found}")
        return (
            Reason("G(tau) ~ Beta(k + 1, D - k), G the distribution function of |w|, which is continuous", "the law"),
        )


@dataclass(frozen=True)
class ByThreshold(NormStep):
    """T5: what magnitude pruning removes is tau times weights on [-1, 1] that are independent given tau."""

    threshold: Threshold
    unit: NormStep
    rule = "conditioning on the order statistic (T5)"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The threshold, and the norm of weights divided by it."""
        return self.threshold, self.unit

    @cached_property
    def judgement(self) -> Judgement:
        """The product of the bounds, except with both probabilities together."""
        unit, tau = self.unit.judgement, self.threshold.judgement
        subject = replace(unit.subject, law=unit.subject.layer.weights, entries=Entries.SIGN_FREE, scaled=False)
        given = unit.given - {Part.THRESHOLD}
        return Judgement(subject, tau.bound * unit.bound, tau.failure + unit.failure, given)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """|w| has a nonincreasing density, and both premises are about the same weights."""
        unit = self.unit.judgement.subject
        law = unit.layer.weights
        demand(
            law.symmetric and law.unimodal, f"T5 needs a symmetric law with a nonincreasing density of |w|, not {law}"
        )
        demand(
            unit.scaled and unit.law == UNIT,
            f"the bound given the threshold is of weights {unit.law}, not of those divided by tau",
        )
        demand(unit.entries is Entries.INDEPENDENT, f"the bound given the threshold is about {unit.entries.value}")
        same = (
            replace(unit, part=Part.THRESHOLD, law=law, entries=Entries.SIGN_FREE, scaled=False)
            == self.threshold.subject
        )
        demand(same, "the threshold is that of other weights")
        return (
            Reason("given the threshold, the removed set is uniform and removed weights are independent of it", "T5"),
            Reason(
                "given the threshold, removed weights / threshold are mixtures of centred uniforms on [-1, 1]",
                f"|w| of {law}",
            ),
        )


@dataclass(frozen=True)
class Symmetrised(NormStep):
    """Lévy: the kept part of a set that does not depend on signs exceeds t at most twice as often as the whole."""

    whole: NormStep
    rule = "Lévy's inequality"
    source = "P. Lévy; M. Ledoux and M. Talagrand, Probability in Banach Spaces, 1991, Proposition 2.3"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The norm of all weights."""
        return (self.whole,)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound of all weights, with twice the probability."""
        whole = self.whole.judgement
        subject = replace(whole.subject, part=Part.KEPT, entries=Entries.SIGN_FREE)
        return Judgement(subject, whole.bound, 2 * whole.failure, whole.given)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """It rests on all weights."""
        whole = self.whole.judgement.subject
        demand(whole.part is Part.WHOLE and whole.entries is Entries.FIXED, f"{whole} is not of all weights")
        return (Reason("given |w| and the set, W - R + R and W - R - R have the same law", _CENTRED),)


@dataclass(frozen=True)
class Projected(NormStep):
    """Leaving out outputs does not increase a norm."""

    whole: NormStep
    subject: Subject
    rule = "projection"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The norm of all weights."""
        return (self.whole,)

    @cached_property
    def judgement(self) -> Judgement:
        """The bound of all weights."""
        return replace(self.whole.judgement, subject=self.subject)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """It rests on all weights of the layer."""
        whole = self.whole.judgement.subject
        demand(whole.part is Part.WHOLE and whole.layer == self.subject.layer, f"{whole} is not of all weights")
        return (Reason("‖P W‖ <= ‖W‖ for a projection P", "‖P‖ <= 1"),)


@dataclass(frozen=True)
class NoneRemoved(NormStep):
    """Without removed weights R = 0."""

    subject: Subject
    rule = "nothing removed"

    @cached_property
    def judgement(self) -> Judgement:
        """R = 0, for certain."""
        return Judgement(self.subject, S.Zero, S.Zero)

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """The count is 0."""
        demand(self.subject.count == 0, f"{self.subject.count} weights are removed")
        return (Reason("k = 0", "hypothesis"),)


@dataclass(frozen=True)
class Smallest(NormStep):
    """The smallest of bounds of one quantity, each with at most the share; none depends on what is drawn."""

    candidates: tuple[NormStep, ...]
    share: Expr
    rule = "smallest of the candidates"

    @property
    def premises(self) -> tuple[NormStep, ...]:
        """The candidates."""
        return self.candidates

    @cached_property
    def judgement(self) -> Judgement:
        """The minimum, except with the share."""
        judgements = [step.judgement for step in self.candidates]
        bounds = [j.bound for j in judgements]
        bound = bounds[0] if len(bounds) == 1 else Least(*bounds)
        return Judgement(judgements[0].subject, bound, self.share, frozenset().union(*(j.given for j in judgements)))

    def verify(self, context: Context) -> tuple[Reason, ...]:
        """All are about the same, and none fails more often than the share."""
        first = self.candidates[0].judgement
        for step in self.candidates:
            demand(step.judgement.subject == first.subject, f"{step.judgement.subject} is not {first.subject}")
            if step.judgement.failure != 0 and simplify(step.judgement.failure - self.share) != 0:
                proved(context, step.judgement.failure, self.share, "the failure probability of a candidate")
        return (
            Reason("one of the candidates, the same for all draws, is the smallest", "they are numbers, not random"),
        )
