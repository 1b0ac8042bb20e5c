"""Derived bounds as JSON, and back: from the network to the formula, without running anything that is read."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sympy import Expr, oo

from boundcheck.derivation.gap import GapBound, gap_bound
from boundcheck.errors import BoundcheckError, InvalidArgument, UnsupportedClaim
from boundcheck.statement.domain import Parameter, integer, real
from boundcheck.statement.saved.expressions import loaded_expression, saved_expression
from boundcheck.statement.saved.networks import loaded_network, loaded_value, saved_network, saved_value
from boundcheck.statement.saved.refused import Refused, entry, require
from boundcheck.statement.version import package_version

FORMAT = "boundcheck bound"
FORMAT_VERSION = 1
_REMEDY = "pass what `boundcheck bound --json` or save_bound(…) wrote"


def bound_record(bound: GapBound) -> dict[str, Any]:
    """A derived bound as plain data for JSON; :func:`load_bound` reads it.

    Raises
    ------
    UnsupportedClaim
        When a part of the bound cannot be saved.
    """
    parameters = sorted(bound.free_symbols, key=lambda p: p.name)
    if len({p.name for p in parameters}) < len(parameters):
        raise UnsupportedClaim("two parameters of the bound share a name, so that it cannot be saved; rename one")
    record = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": package_version(),
        "parameters": {p.name: _domain(p) for p in parameters},
        "pruned": saved_network(bound.pruned),
        **{part: saved_value(getattr(bound, part)) for part in GapBound.parts if part != "pruned"},
        "expression": saved_expression(bound.expression),
    }
    record["digest"] = digest(record)
    if _loaded(record) != bound:
        raise UnsupportedClaim("this bound cannot be saved: a part of it would be lost")
    return record


def digest(record: Mapping[str, Any]) -> str:
    """What tells a file that was changed or cut short: SHA-256 of all else, whatever the order of keys and the spaces.

    It keeps nobody from writing a file of their own; that is why what is read is derived again.
    """
    rest = {key: value for key, value in record.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def save_bound(bound: GapBound, path: str | Path) -> None:
    """Write a derived bound to a JSON file, which :func:`load_bound` reads.

    Parameters
    ----------
    bound
        What :func:`boundcheck.gap_bound` returned; networks, amounts, delta and radius may hold parameters.
    path
        Of the file; what is there is replaced.

    Raises
    ------
    InvalidArgument
        When that is no derived bound, or the file cannot be written.
    UnsupportedClaim
        When a part of the bound cannot be saved.
    """
    if not isinstance(bound, GapBound):
        raise InvalidArgument("bound", bound, "is no derived bound", "pass what gap_bound(…) returned")
    text = json.dumps(bound_record(bound), indent=1)
    try:
        Path(path).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidArgument("path", str(path), f"cannot be written ({error.strerror})", "pass a path") from None


def load_bound(source: str | Path | Mapping[str, Any], *, formula: bool = False) -> Expr:
    """Read a derived bound from JSON; nothing in it is run.

    Parameters
    ----------
    source
        The path of a file, the JSON itself (text that begins with a brace), or what it holds as a dictionary: what
        :func:`save_bound` wrote, or what ``boundcheck bound --json`` or ``boundcheck show --format json`` printed.
    formula
        Return the formula as it is in the file, an expression in the parameters. It is not derived again then, so
        that it is as good as the file.

    Returns
    -------
    The bound, equal to the one that was saved, with the domains of its parameters; its formula is derived again and
    has to be the one in the file.

    Raises
    ------
    InvalidArgument
        When there is no such file, it holds no bound, or its formula is not what this version derives.

    Examples
    --------
    >>> from boundcheck import fcn, gap_bound, magnitude, prune, scaled, uniform
    >>> target = fcn([8, 8], weights=scaled(uniform(-1, 1)))
    >>> bound = gap_bound(target, prune(target, magnitude(count=3)), delta="0.01")
    >>> load_bound(bound_record(bound)) == bound
    True
    """
    data, shown = _read(source)
    try:
        return _loaded(data, formula=formula)
    except BoundcheckError as error:
        raise InvalidArgument("source", shown, f"holds no bound that can be used: {error}", _REMEDY) from None


def _read(source: Any) -> tuple[Any, str]:
    """The data, and how it is called in messages."""
    if isinstance(source, Mapping):
        return dict(source), "{…}"
    if isinstance(source, str) and source.lstrip()[:1] in ("{", "["):
        text, shown = source, f"{source.strip()[:20]}…"
    else:
        shown = str(source)
        try:
            text = Path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, TypeError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise InvalidArgument("source", shown, f"cannot be read ({why})", _REMEDY) from None
    try:
        return json.loads(text, parse_constant=_no_number), shown
    except (ValueError, RecursionError) as error:
        raise InvalidArgument("source", shown, f"is not JSON ({error})", _REMEDY) from None


def _no_number(token: str) -> None:
    raise ValueError(f"{token} is not a JSON value")


def _loaded(data: Any, *, formula: bool = False) -> Expr:
    if isinstance(data, dict) and "format" not in data and "saved" in data:
        require(data["saved"] is not None, "it is a theorem without a bound that boundcheck derives")
        data = data["saved"]
    name = entry(data, "format", str, "it")
    require(name == FORMAT, f"it is a {name!r} and no {FORMAT!r}")
    number = entry(data, "format_version", int, "it")
    require(number == FORMAT_VERSION, f"its format_version is {number}, and this boundcheck reads {FORMAT_VERSION}")
    written_by = entry(data, "version", str, "it")
    require(entry(data, "digest", str, "it") == digest(data), "it was changed after it was written (digest)")
    domains = entry(data, "parameters", dict, "it")
    symbols = {name: _parameter(name, domain) for name, domain in domains.items()}
    expression = loaded_expression(entry(data, "expression", list, "it"), symbols)
    if formula:
        return expression
    pruned = loaded_network(entry(data, "pruned", dict, "it"), symbols)
    bound = gap_bound(pruned.target, pruned, **_options(data, symbols))
    unused = symbols.keys() - {p.name for p in bound.free_symbols}
    require(not unused, f"its parameters {sorted(unused)} occur nowhere")
    require(
        bound.expression == expression,
        f"its formula is not the one that boundcheck {package_version()} derives for this network (it was written by "
        f"{written_by}); derive the bound again, or take the formula as it is with formula=True",
    )
    return bound


def _options(data: Mapping[str, Any], symbols: Mapping[str, Parameter]) -> dict[str, Any]:
    """The arguments of :func:`gap_bound` beside the network, as the parts of a bound are annotated."""
    types = inspect.get_annotations(GapBound, eval_str=True)
    options = {}
    for part in GapBound.parts:
        if part != "pruned":
            require(part in data, f"it has no {part!r}")
            value = loaded_value(data[part], types[part], symbols, repr(part))
            if value is not None:
                options[part] = dict(value) if isinstance(value, tuple) else value
    return options


def _domain(parameter: Parameter) -> dict[str, Any]:
    domain = parameter.domain
    return {
        "low": saved_expression(domain.low),
        "high": saved_expression(domain.high),
        "integer": domain.integer,
        "exclude_low": domain.exclude_low,
        "exclude_high": domain.exclude_high,
    }


def _parameter(name: str, data: Any) -> Parameter:
    what = f"the domain of {name!r}"
    low, high = (loaded_expression(entry(data, key, list, what), {}) for key in ("low", "high"))
    whole, no_low, no_high = (entry(data, key, bool, what) for key in ("integer", "exclude_low", "exclude_high"))
    extra = set(data) - {"low", "high", "integer", "exclude_low", "exclude_high"}
    require(not extra, f"{what} has {sorted(extra)}, which is no part of one")
    ends = {"min": None if low == -oo else low, "max": None if high == oo else high}
    if whole:
        require(not (no_low or no_high), f"{what} excludes an end of integers")
        return integer(name, **ends)
    return real(name, **ends, exclude_min=no_low, exclude_max=no_high)


__all__ = ["Refused", "bound_record", "load_bound", "save_bound"]
