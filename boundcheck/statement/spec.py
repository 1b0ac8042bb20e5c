"""Networks and pruning rules as short strings, as the command line takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr

from boundcheck.errors import InvalidArgument
from boundcheck.statement import pruning
from boundcheck.statement.cnn_file import NONE, CnnFile, read_cnn
from boundcheck.statement.domain import Parameter, exact
from boundcheck.statement.laws import Law, normal, rademacher, uniform
from boundcheck.statement.layer import named_activation, scaled
from boundcheck.statement.network import Network, fcn
from boundcheck.statement.pruning import Pruned, Rule, prune

_LAWS: dict[str, Callable[[Any], Law]] = {
    "uniform": lambda k: uniform(-k, k),
    "normal": lambda k: normal(0, k),
    "rademacher": rademacher,
}
_RULES: dict[str, Callable[..., Rule]] = {
    "magnitude": pruning.magnitude,
    "random": pruning.random,
    "filter": pruning.filters,
    "random_filter": pruning.random_filters,
    "bernoulli": pruning.bernoulli_mask,
}
_UNITS = ("alpha", "fraction", "count")


def parse_width(name: str, value: Any, unknown: Parameter | None = None) -> Expr:
    """A width or number of channels: a positive integer, or where one is unknown, its name or a multiple of it (2*d).

    Raises
    ------
    InvalidArgument
        When it is neither.
    """
    if unknown is not None and isinstance(value, str):
        factor, _, symbol = value.replace(" ", "").rpartition("*")
        if symbol == unknown.name and (not factor or factor.isdecimal()):
            return exact(name, factor or 1) * unknown
    width = exact(name, value) if value != "" else None
    if width is None or not (width.is_integer and width.is_positive):
        others = f", {unknown} or a multiple such as 2*{unknown}" if unknown is not None else ""
        raise InvalidArgument(name, value, "is not a width", f"pass a positive integer{others}")
    return width


def parse_widths(text: str, unknown: Parameter | None = None) -> list[Any]:
    """Widths such as "784,1024,10", input first.

    Raises
    ------
    InvalidArgument
        When a width is not a positive integer or there are fewer than two.
    """
    try:
        widths = [parse_width("--fcn", part.strip(), unknown) for part in text.split(",")]
    except InvalidArgument:
        widths = []
    if len(widths) < 2:
        example = "784,1024,10" if unknown is None else f"784,{unknown},{unknown},10"
        raise InvalidArgument(
            "--fcn", text, "is not a list of layer widths", f"pass positive integers, input first: --fcn {example}"
        )
    return widths


def parse_weights(text: str, name: str = "--weights") -> Law:
    """A law before the paper's scaling, such as "uniform:1" (K = 1) or "normal:1".

    Raises
    ------
    InvalidArgument
        When the law is unknown or K is not a positive number.
    """
    law, _, scale = text.partition(":")
    if law not in _LAWS:
        raise InvalidArgument(name, text, "is not a known law", f"pass one of {_choices(_LAWS, ':1')}")
    k = exact(name, scale or "1")
    if not (k.is_positive and k.is_finite):
        raise InvalidArgument(name, text, "has no positive scale", f"pass a positive K: {name} {law}:1")
    return _LAWS[law](k)


def parse_rule(text: str) -> Rule:
    """A pruning rule such as "magnitude:alpha=0.5", "random:fraction=0.1", "random:count=1000" or "filter:count=2".

    Raises
    ------
    InvalidArgument
        When rule, unit or amount is not known or out of range.
    """
    name, unit, value = _rule_parts(text)
    if unit not in _UNITS or not value:
        raise InvalidArgument(
            "--prune", text, "does not say how much is removed", f"pass {name}:alpha=0.5, :fraction=0.1 or :count=1000"
        )
    _takes(name, unit)
    return _RULES[name](**{unit: value})


def _takes(name: str, unit: str) -> None:
    if name == pruning.BERNOULLI and unit != "fraction":
        raise InvalidArgument(
            "--prune", f"{name}:{unit}", "is no probability of being removed", "pass bernoulli:fraction=0.1"
        )


def parse_open_rule(text: str, unknowns: Mapping[str, Parameter]) -> tuple[Rule, Parameter]:
    """A rule whose amount is unknown, such as "magnitude" or "magnitude:alpha", and the parameter that stands for it.

    Parameters
    ----------
    unknowns
        The parameter that stands for each unit of amounts; the first unit is meant where the text names none.
    """
    name, unit, value = _rule_parts(text)
    unit = unit or next(iter(unknowns))
    if unit not in unknowns or value:
        raise InvalidArgument(
            "--prune", text, "leaves no amount to solve for", f"pass {name}, or {_choices(list(unknowns), '', name)}"
        )
    _takes(name, unit)
    return _RULES[name](**{unit: unknowns[unit]}), unknowns[unit]


def _rule_parts(text: str) -> tuple[str, str, str]:
    name, _, amount = text.partition(":")
    unit, _, value = amount.partition("=")
    if name not in _RULES:
        raise InvalidArgument("--prune", text, "names no known rule", f"pass one of {_choices(_RULES, ':alpha=0.5')}")
    return name, unit, value


def load_cnn(path: str | Path, *, d: Parameter | None = None) -> Network:
    """The network that a TOML file describes; see :mod:`boundcheck.statement.cnn_file` for its keys.

    Rules of pruning that the file names are left aside; :func:`load_pruned` takes them.

    Parameters
    ----------
    path
        Of the file; from a theorem file, ``Path(__file__).parent / "lenet5.toml"`` finds one beside it.
    d
        An integer parameter that widths of the file may name: ``outputs = "d"`` or ``"2*d"``.

    Raises
    ------
    BoundcheckError
        When the file cannot be read or describes no network.
    """
    return _read(path, d).network


def load_pruned(path: str | Path, *, d: Parameter | None = None) -> Pruned:
    """The network that a TOML file describes, pruned as the file says.

    Parameters are those of :func:`load_cnn`.

    Raises
    ------
    BoundcheckError
        When the file cannot be read, describes no network or names no rule.
    """
    found = _read(path, d)
    return _pruned(found.network, None if found.rule is None else parse_rule(found.rule), found.rules)


def _read(path: str | Path, width: Parameter | None, **options: str | None) -> CnnFile:
    if width is not None and not (isinstance(width, Parameter) and width.is_integer):
        raise InvalidArgument("d", width, "is no integer parameter", 'pass d=integer("d", min=1)')

    def read_width(name: str, value: Any) -> Expr:
        return parse_width(name, value, width)

    return read_cnn(str(path), law=parse_weights, rule=parse_rule, width=read_width, **options)


def _pruned(target: Network, rule: Rule | None, own: Sequence[str | None]) -> Pruned:
    """Prune each layer by its own rule in words, or by the common one."""
    rules = [rule if text is None else None if text == NONE else parse_rule(text) for text in own]
    if all(r is None for r in rules):
        raise InvalidArgument(
            "--prune", None, "does not say how the network is pruned", "pass --prune magnitude:alpha=0.5"
        )
    return prune(target, rules)


@dataclass(frozen=True)
class Words:
    """A pruned network in the words of the command line: `fcn` or `cnn`, and what holds for all of its layers."""

    fcn: str | None
    cnn: str | None
    weights: str | None = None
    activation: str | None = None
    rule: str | None = None
    biases: str | None = None

    def __post_init__(self) -> None:
        if (self.fcn is None) == (self.cnn is None):
            given = f"--fcn {self.fcn} --cnn {self.cnn}" if self.fcn is not None else None
            raise InvalidArgument("network", given, "is not one network", "pass --fcn 784,1024,10 or --cnn FILE.toml")

    def pruned(self, *, width: Parameter | None = None, rule: Rule | None = None) -> Pruned:
        """The pruned network.

        Parameters
        ----------
        width
            A parameter that widths may name.
        rule
            In place of that of the command line.

        Raises
        ------
        InvalidArgument
            When the words make no network, or do not say how it is pruned.
        """
        if rule is None and self.rule is not None:
            rule = parse_rule(self.rule)
        if self.fcn is not None:
            law, activation = parse_weights(self.weights or "uniform:1"), named_activation(self.activation or "relu")
            added = None if self.biases in (None, NONE) else parse_weights(self.biases, "--biases")
            target = fcn(parse_widths(self.fcn, width), weights=scaled(law), activation=activation, biases=added)
            own: tuple[str | None, ...] = (None,) * target.depth
        else:
            assert self.cnn is not None
            if self.weights is not None:
                parse_weights(self.weights)
            if self.biases not in (None, NONE):
                parse_weights(self.biases, "--biases")
            read = _read(self.cnn, width, weights=self.weights, activation=self.activation, bias=self.biases)
            target, own = read.network, read.rules
            if rule is None and read.rule is not None:
                rule = parse_rule(read.rule)
        return _pruned(target, rule, own)


def _choices(known: Sequence[str] | dict[str, Any], suffix: str, name: str = "") -> str:
    return ", ".join(f"{name}:{item}" if name else f"{item}{suffix}" for item in known)
