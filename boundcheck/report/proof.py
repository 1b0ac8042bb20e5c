"""A derivation as numbered steps: text for the terminal, LaTeX, or a page that needs nothing else."""

from __future__ import annotations

import html
import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from boundcheck.report.bound import rounded_up

WIDTH = 100


def proof_text(record: Mapping[str, Any]) -> str:
    """Numbered steps, premises first, each with its conditions and how they are known.

    Parameters
    ----------
    record
        As :func:`boundcheck.check.proof.proof_record` makes it.
    """
    lines = [*_claim(record), ""]
    for step, source in zip(record["steps"], _sources(record), strict=True):
        lines += _wrapped(f"{step['number']:>3}. ", f"{_said(step)}{_except(step, 'text')}")
        lines += _wrapped("     ", f"by {step['rule']}{_from(step)}{source}")
        for condition in step["conditions"]:
            lines += _wrapped("     - ", f"{condition['condition']}  [{condition['how']}]")
    if record["meaning"]:
        lines += ["", "where"]
        for meaning in record["meaning"].values():
            lines += _wrapped("  ", meaning["text"])
    count = sum(len(step["conditions"]) for step in record["steps"])
    lines += ["", f"{len(record['steps'])} steps, {count} conditions: all checked."]
    return "\n".join(lines) + "\n"


def _claim(record: Mapping[str, Any]) -> list[str]:
    if "claim" not in record:
        return [f"Gap of {record['network']}, except with probability {record['delta']}"]
    return [record["theorem"], f"  {record['claim']}", f"  {record['network']}"]


def _said(step: Mapping[str, Any]) -> str:
    """What a step states, in words."""
    about = f" (layer{'s' * (len(step['layers']) > 1)} {_listed(step['layers'])})" if step["layers"] else ""
    if "subject" in step:
        return f"{step['subject']} <= the smallest of the bounds in {_steps(step['uses'])}{about}"
    if "bounds" in step:
        return f"all together: {step['statement']['text']}"
    return f"{step['statement']['text']}{_value(step)}{about}"


def _value(step: Mapping[str, Any]) -> str:
    """The value of a bound that is a number, rounded up."""
    return f", which is at most {rounded_up(step['value'], 6)}" if step.get("value") else ""


def _except(step: Mapping[str, Any], form: str) -> str:
    failure, given = step["failure"][form], ", ".join(step["given"])
    sure = "for certain" if failure == "0" else f"except with probability {failure}"
    return f", {sure}{f', given {given}' if given else ''}"


def _from(step: Mapping[str, Any]) -> str:
    return f", from {_steps(step['uses'])}" if step["uses"] else ""


def _sources(record: Mapping[str, Any]) -> list[str]:
    """Each step's source as the end of a sentence: in full the first time, then by what stands before the colon."""
    seen: set[str] = set()
    found = []
    for step in record["steps"]:
        source = step["source"]
        short = source.partition(":")[0] if source in seen else source
        found.append(f" ({short})" if short else "")
        seen.add(source)
    return found


def _steps(numbers: Sequence[int]) -> str:
    return f"step{'s' * (len(numbers) > 1)} {_listed(numbers)}"


def _listed(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 as 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _wrapped(start: str, words: str) -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * (len(start) + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


# LaTeX ----------------------------------------------------------------------------------------------------------------
_MATH = {
    "‖": r"$\|$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "<": "$<$",
    ">": "$>$",
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}


def proof_latex(record: Mapping[str, Any]) -> str:
    """An enumerate environment, with the steps as labels that others refer to."""
    lines = [r"% needs amsmath and amssymb", _words(" ".join(_claim(record)[-1:])), r"\begin{enumerate}"]
    if "claim_latex" in record:
        lines.insert(1, rf"\[{record['claim_latex']}\]")
    for step, source in zip(record["steps"], _sources(record), strict=True):
        sure = (
            "for certain"
            if step["failure"]["text"] == "0"
            else rf"except with probability ${step['failure']['latex']}$"
        )
        given = f", given {_words(', '.join(step['given']))}" if step["given"] else ""
        about = _words(f" (layers {_listed(step['layers'])})") if step["layers"] else ""
        if "subject" in step:
            said = _words(f"{step['subject']} <= the smallest of the bounds in {_steps(step['uses'])}")
        elif "bounds" in step:
            said = "all together: " + ", ".join(
                f"${bound['latex']}$ by step {bound['step']}" for bound in step["bounds"]
            )
        else:
            said = (
                f"${step['statement']['latex']}$" if "latex" in step["statement"] else _words(step["statement"]["text"])
            )
        lines.append(rf"\item[{step['number']}.] {said}{about}, {sure}{given}.\\")
        lines.append(_words(f"By {step['rule']}{_from(step)}{source}."))
        if step["conditions"]:
            conditions = "; ".join(f"{c['condition']} [{c['how']}]" for c in step["conditions"])
            lines.append(rf"{{\small {_words(conditions)}.}}")
    lines.append(r"\end{enumerate}")
    lines += [f"${meaning['latex']}$\\\\" for meaning in record["meaning"].values()]
    return "\n".join(lines) + "\n"


def _words(words: str) -> str:
    """Words as LaTeX for text mode."""
    words = words.replace("<=", "≤").replace(">=", "≥")
    return re.sub("|".join(map(re.escape, _MATH)), lambda found: _MATH[found.group()], words)


# HTML -----------------------------------------------------------------------------------------------------------------
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
li { margin: 1rem 0; } .by, .conditions { color: color-mix(in srgb, CanvasText 70%, Canvas); font-size: 0.9rem; }
math { font-size: 1.05rem; } .scroll { overflow-x: auto; } ul { margin: 0.2rem 0; } a { color: inherit; }
"""


def proof_html(record: Mapping[str, Any]) -> str:
    """One page: formulas in MathML, steps with links to those that they use."""
    title = html.escape(record.get("theorem", "Derivation"))
    claim = "<br>".join(html.escape(line.strip()) for line in _claim(record))
    items = "\n".join(map(_item, record["steps"], _sources(record)))
    meanings = "".join(
        f'<p class="scroll">{m["mathml"].replace("<mo>≤</mo>", "<mo>=</mo>", 1)}</p>'
        for m in record["meaning"].values()
    )
    where = f"<h2>Where</h2>{meanings}" if meanings else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{title}</h1><p>{claim}</p>\n<ol>\n{items}\n</ol>{where}"
        f"<p>All conditions were checked by boundcheck {html.escape(record['version'])}.</p></body></html>\n"
    )


def _item(step: Mapping[str, Any], source: str) -> str:
    formula = step.get("statement", {}).get("mathml")
    said = f'<div class="scroll">{formula}</div>' if formula else html.escape(_said(step))
    layers = f" (layers {_listed(step['layers'])})" if step["layers"] and formula else ""
    links = ", ".join(f'<a href="#step-{n}">{n}</a>' for n in step["uses"])
    uses = f", from step{'s' * (len(step['uses']) > 1)} {links}" if links else ""
    conditions = "".join(
        f"<li>{html.escape(c['condition'])} <em>[{html.escape(c['how'])}]</em></li>" for c in step["conditions"]
    )
    return (
        f'<li id="step-{step["number"]}">{said}{html.escape(_value(step) + layers + _except(step, "text"))}'
        f'<div class="by">by {html.escape(step["rule"])}{uses}{html.escape(source)}</div>'
        f'<ul class="conditions">{conditions}</ul></li>'
    )


PROOFS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": proof_text,
    "latex": proof_latex,
    "html": proof_html,
    "json": lambda record: json.dumps(record, indent=2, ensure_ascii=False) + "\n",
}
"""The formats of a proof."""
