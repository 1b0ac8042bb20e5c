"""Pruning rules as data, pruned networks, and the gap between a pruned network and its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sympy import Expr, Integer, Rational, S, exp, floor, integer_nthroot, log

from boundcheck.errors import InvalidArgument
from boundcheck.statement.atom import Atom
from boundcheck.statement.domain import Parameter, Point, exact, parameters_of
from boundcheck.statement.laws import Law, TwoPoint
from boundcheck.statement.layer import Layer
from boundcheck.statement.network import Network
from boundcheck.statement.shown import Shown

MAGNITUDE = "magnitude"
RANDOM = "random"
FILTERS = "filters"
RANDOM_FILTERS = "random_filters"
BERNOULLI = "bernoulli"

_LARGEST_ROOT = 1000
_DIGITS = 60


@dataclass(frozen=True)
class Rule(Shown):
    """How a layer is pruned: which weights or filters go (kind), and how many (amount, in a unit).

    A filter is all weights of one output channel, in a dense layer of one neuron. Of Bernoulli masks the amount is the
    probability with which each weight goes, and what is said of numbers below is their expectation.
    """

    kind: str
    unit: str
    amount: Expr

    @property
    def independent(self) -> bool:
        """Whether what goes does not depend on the weights."""
        return self.kind in (RANDOM, RANDOM_FILTERS, BERNOULLI)

    @property
    def structured(self) -> bool:
        """Whether whole filters go."""
        return self.kind in (FILTERS, RANDOM_FILTERS)

    def chosen(self, layer: Layer) -> Expr:
        """Number of weights, or of filters, that the rule removes from the layer."""
        available = layer.outputs if self.structured else layer.size
        if self.unit == "count":
            return self.amount
        if self.kind == BERNOULLI:
            return self.amount * available
        if self.unit == "fraction":
            return floor(self.amount * available)
        return _floor_of_power(available, 1 - self.amount)

    def count(self, layer: Layer) -> Expr:
        """Number of weights that the rule removes from the layer."""
        return self.chosen(layer) * (layer.inputs * layer.taps if self.structured else 1)

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the amount."""
        return parameters_of(self.amount)

    def at(self, point: Point) -> Rule:
        """The rule with numbers put in for parameters."""
        return _rule(self.kind, **{self.unit: self.amount.xreplace(dict(point))})

    def __str__(self) -> str:
        if self.kind == BERNOULLI and self.unit == "fraction":
            return f"bernoulli({self.amount})"
        return f"{self.kind}({self.unit}={self.amount})"


def _floor_of_power(base: Expr, exponent: Expr) -> Expr:
    """⌊base^exponent⌋, exactly; SymPy's own powers take for ever where the exponent's denominator is large."""
    if not (base.is_Integer and base > 1 and exponent.is_Rational and 0 < exponent < 1):
        return floor(base**exponent)
    if exponent.q <= _LARGEST_ROOT:
        return Integer(integer_nthroot(int(base) ** int(exponent.p), int(exponent.q))[0])
    digits = _DIGITS + len(str(base))
    while True:
        # No integer, unless the base is a q-th power, at least 2^q; so at some number of digits it is told from all.
        value = exp(exponent.evalf(digits) * log(base).evalf(digits))
        low, high = (int(value * (1 + side * Rational(10) ** (10 - digits))) for side in (-1, 1))
        if low == high or base >= 2**exponent.q:
            return Integer(low) if low == high else floor(base**exponent)
        digits *= 2


def _rule(kind: str, *, keep_out: Any = None, count: Any = None, fraction: Any = None, alpha: Any = None) -> Rule:
    given = {"count": count if keep_out is None else keep_out, "fraction": fraction, "alpha": alpha}
    given = {name: value for name, value in given.items() if value is not None}
    if len(given) != 1 or (keep_out is not None and count is not None):
        raise InvalidArgument(
            "amount",
            sorted(given),
            f"does not say how much {kind} removes",
            "pass one of keep_out, fraction and alpha",
        )
    [(unit, value)] = given.items()
    amount = exact(unit, value)
    if amount.is_number:
        if unit == "count" and not (amount.is_integer and amount >= 0):
            raise InvalidArgument(unit, amount, "is not a number of weights", "pass an integer of at least 0")
        if unit == "fraction" and not 0 <= amount <= 1:
            raise InvalidArgument(unit, amount, "is not a fraction of the weights", "pass a number from 0 to 1")
        if unit == "alpha" and not 0 < amount < 1:
            raise InvalidArgument(unit, amount, "is out of range", "pass alpha with 0 < alpha < 1 (k = ⌊D^(1-alpha)⌋)")
    return Rule(kind, unit, amount)


def magnitude(*, keep_out: Any = None, count: Any = None, fraction: Any = None, alpha: Any = None) -> Rule:
    """Remove the weights of smallest magnitude from a layer; ties are broken by index.

    Exactly one amount says how many of the layer's D weights are removed.

    Parameters
    ----------
    keep_out, count
        That many (two names for one thing; `count` is the command line's).
    fraction
        ⌊fraction·D⌋.
    alpha
        ⌊D^(1-alpha)⌋ with 0 < alpha < 1, the regime of Qian and Klabjan (2021).

    Raises
    ------
    InvalidArgument
        When not exactly one amount is given or it is out of range.
    """
    return _rule(MAGNITUDE, keep_out=keep_out, count=count, fraction=fraction, alpha=alpha)


def random(*, keep_out: Any = None, count: Any = None, fraction: Any = None, alpha: Any = None) -> Rule:
    """Remove a uniformly random subset of a layer's weights, independent of their values.

    Parameters and errors are those of :func:`magnitude`.
    """
    return _rule(RANDOM, keep_out=keep_out, count=count, fraction=fraction, alpha=alpha)


def filters(*, keep_out: Any = None, count: Any = None, fraction: Any = None, alpha: Any = None) -> Rule:
    """Remove the filters (output channels, or neurons) whose weights have the smallest Euclidean norm; ties by index.

    Parameters and errors are those of :func:`magnitude`, with the layer's m filters in place of its D weights.
    """
    return _rule(FILTERS, keep_out=keep_out, count=count, fraction=fraction, alpha=alpha)


def random_filters(*, keep_out: Any = None, count: Any = None, fraction: Any = None, alpha: Any = None) -> Rule:
    """Remove a uniformly random set of filters (output channels, or neurons), independent of the weights.

    Parameters and errors are those of :func:`magnitude`, with the layer's m filters in place of its D weights.
    """
    return _rule(RANDOM_FILTERS, keep_out=keep_out, count=count, fraction=fraction, alpha=alpha)


def bernoulli_mask(*, fraction: Any = None) -> Rule:
    """Remove each weight with probability `fraction`, independently of all else: ``prune(target, bernoulli(p))``.

    Raises
    ------
    InvalidArgument
        When the fraction is missing or no probability.
    """
    return _rule(BERNOULLI, fraction=fraction)


@dataclass(frozen=True)
class Pruned(Shown):
    """A target network and the rule that prunes each of its layers (None: left alone)."""

    target: Network
    rules: tuple[Rule | None, ...]

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the target or the rules."""
        return self.target.parameters.union(*(rule.parameters for rule in self.rules if rule))

    def removed(self, i: int) -> Expr:
        """Number of weights removed from layer i (0-based); its expectation where each is with a probability."""
        rule = self.rules[i]
        return rule.count(self.target.layers[i]) if rule else S.Zero

    def at(self, point: Point) -> Pruned:
        """The pruned network with numbers put in for parameters.

        Raises
        ------
        InvalidArgument
            When a rule removes more weights than its layer has.
        """
        pruned = Pruned(self.target.at(point), tuple(rule.at(point) if rule else None for rule in self.rules))
        pruned.validate()
        return pruned

    def validate(self) -> None:
        """Check that no layer loses more weights than it has, as far as numbers tell."""
        for i, layer in enumerate(self.target.layers):
            rule = self.rules[i]
            if rule is not None and (layer.size - self.removed(i)).is_negative:
                most = f"{layer.outputs} filters" if rule.structured else f"{layer.size} weights"
                raise InvalidArgument(
                    "count", rule.chosen(layer), f"is more than the {most} of layer {i + 1}", "remove at most that many"
                )

    @property
    def words(self) -> str:
        """The rules: one where all layers share it, else one a layer."""
        rules = [str(rule) if rule else "None" for rule in self.rules]
        return rules[0] if len(set(rules)) == 1 else f"[{', '.join(rules)}]"

    def __str__(self) -> str:
        return f"prune({self.target}, {self.words})"


def prune(target: Network, rule: Rule | Law | Sequence[Rule | Law | None]) -> Pruned:
    """Prune a network.

    Parameters
    ----------
    target
        The network.
    rule
        One rule for every layer, or a sequence of one rule a layer (None leaves a layer alone). The law
        ``bernoulli(p)`` removes each weight with probability p, independently of all else.

    Raises
    ------
    InvalidArgument
        When the number of rules is not the number of layers, or a rule removes more weights than a layer has.
    """
    if not isinstance(target, Network):
        raise InvalidArgument("target", target, "is not a network", "make one with fcn(…) or cnn(…)")
    given = (
        (rule,) * target.depth if isinstance(rule, Rule | Law) else tuple(rule) if isinstance(rule, Sequence) else ()
    )
    rules = tuple(_of_masks(one) if isinstance(one, Law) else one for one in given)
    if len(rules) != target.depth or not all(r is None or isinstance(r, Rule) for r in rules):
        raise InvalidArgument("rule", rule, "is not one rule for all layers or one a layer", "pass magnitude(…)")
    pruned = Pruned(target, rules)
    pruned.validate()
    return pruned


def _of_masks(law: Law) -> Rule:
    """The rule that removes a weight where a variable of this law is 1, and keeps it where that is 0."""
    if isinstance(law, TwoPoint) and (law.low, law.high) == (0, 1):
        return bernoulli_mask(fraction=law.p)
    raise InvalidArgument("rule", str(law), "is no law of a mask, which is 0 or 1", "pass bernoulli(p)")


class Gap(Atom):
    """sup over ‖x‖ ≤ radius of ‖f(x) - F(x)‖, or the largest of it at some fixed inputs; make one with :func:`gap`."""

    parts = ("pruned", "radius", "inputs")
    rank_in_sums: ClassVar[int] = 2
    is_nonnegative = True
    pruned: Pruned
    radius: Expr
    inputs: Expr | None
    """Number of fixed inputs, None for the whole ball."""

    @property
    def at_inputs(self) -> str:
        """What the gap is taken over, in words, where that is not the whole ball."""
        if self.inputs is None:
            return ""
        return (
            f"at {self.inputs} fixed inputs of norm at most {self.radius}, independent of the weights: "
            "not on the whole ball"
        )

    @property
    def parameters(self) -> frozenset[Parameter]:
        """Parameters that occur in the networks, the radius or the number of inputs."""
        return self.pruned.parameters | parameters_of(self.radius, *([] if self.inputs is None else [self.inputs]))

    def _sympystr(self, printer: Any) -> str:
        radius = "" if self.radius == 1 else f", radius={self.radius}"
        inputs = "" if self.inputs is None else f", inputs={self.inputs}"
        return f"gap(target, pruned{radius}{inputs})"

    def _latex(self, printer: Any) -> str:
        if self.inputs is not None:
            count, radius = printer._print(self.inputs), printer._print(self.radius)
            fixed = rf"i \le {count},\; x_i \text{{ fixed}},\; \|x_i\| \le {radius}"
            return rf"\max_{{{fixed}}} \|f(x_i) - F(x_i)\|"
        return rf"\sup_{{\|x\| \le {printer._print(self.radius)}}} \|f(x) - F(x)\|"


def radius_of_ball(radius: Any) -> Expr:
    """Check an input radius: positive and finite."""
    radius = exact("radius", radius)
    if radius.is_positive is False or radius.is_finite is False:
        raise InvalidArgument("radius", radius, "is not the radius of a ball", "pass a positive number")
    return radius


def number_of_inputs(inputs: Any) -> Expr | None:
    """Check a number of fixed inputs: None, or a positive integer."""
    if inputs is None:
        return None
    count = exact("inputs", inputs)
    if not count.is_integer or count.is_positive is False:
        raise InvalidArgument("inputs", inputs, "is not a number of inputs", "pass a positive integer")
    return count


def gap(target: Network, pruned: Pruned, *, radius: Any = 1, inputs: Any = None) -> Gap:
    """The gap sup over ‖x‖ ≤ radius of ‖f(x) - F(x)‖ between a pruned network f and its target F.

    Parameters
    ----------
    inputs
        A number N in place of all inputs of the ball: the largest ‖f(x) - F(x)‖ at any N inputs of norm at most the
        radius that are fixed before the weights are drawn. That is less than the gap on the ball.

    Raises
    ------
    InvalidArgument
        When the pruned network is not one of this target, the radius is not positive, or there is no such number.
    """
    same_target(target, pruned)
    return Gap(pruned, radius_of_ball(radius), number_of_inputs(inputs))


def same_target(target: Network, pruned: Pruned) -> None:
    """Check that `pruned` is a pruned form of `target`."""
    if not isinstance(pruned, Pruned):
        raise InvalidArgument("pruned", pruned, "is not a pruned network", "make it with prune(target, rule)")
    if pruned.target != target:
        raise InvalidArgument("pruned", str(pruned), f"is not pruned from {target}", "prune this target")
