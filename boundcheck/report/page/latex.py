"""A report as LaTeX: an article that pdflatex compiles, or its body for another document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from boundcheck.report.page.facts import theorem_facts
from boundcheck.report.page.glossary import GLOSSARY
from boundcheck.report.page.latex_text import escaped, safe_formula
from boundcheck.report.page.tables import Cell, Table, ladder_table, problem_table, worst_table
from boundcheck.report.page.words import Badge, counted, named, outcome, theorem_badge

PACKAGES = r"""\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern,textcomp,amsmath,amssymb,array,booktabs,graphicx}
\usepackage[a4paper,margin=2cm]{geometry}
\newcommand{\fitted}[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}}
"""
_REASONS = ("Point", "Theorem", "Verdict", "Where", "Why")
_ROWS = 40
"""Of a table, before it goes on below another heading."""


def article(data: Mapping[str, Any], images: Mapping[str, str], *, fragment: bool = False) -> str:
    """The report as a document.

    Parameters
    ----------
    data
        As for :func:`boundcheck.report.page.html.page`.
    images
        Files of the figures by id, relative to the document; figures without a file are left out.
    fragment
        Only the body, for a document that loads the packages named in its first lines.
    """
    body = "\n".join(
        [*_head(data), *_wrong(data), *_theorems(data), *_tightness(data), *_figures(data, images), *_end(data)]
    )
    if fragment:
        return "".join(f"% {line}\n" for line in ["needs:", *PACKAGES.splitlines()]) + body + "\n"
    title = rf"\title{{{escaped(data['title'])}}}" + "\n" + rf"\author{{{escaped(data['generated'])}}}" + "\n\\date{}\n"
    start = (
        "\\documentclass[10pt]{article}\n"
        + PACKAGES
        + title
        + "\\begin{document}\n\\maketitle\n\\raggedbottom\\sloppy\n"
    )
    return start + body + "\n\\end{document}\n"


def _head(data: Mapping[str, Any]) -> list[str]:
    totals = data["totals"]
    lines = [rf"\noindent {escaped(outcome(data))}", ""]
    if totals["unfinished"]:
        missing = f"{counted(totals['unfinished'], 'point')} of {totals['points']:,}"
        lines += [rf"\medskip\noindent\textbf{{Unfinished.}} Without a verdict yet: {escaped(missing)}.", ""]
    return lines


def _wrong(data: Mapping[str, Any]) -> list[str]:
    rows, left = data["problems"]["rows"], data["problems"]["left_out"]
    against = [(t, b) for t in data["theorems"] if (b := theorem_badge(t)).tone == "bad"]
    if not rows and not against:
        return []
    lines = [r"\section*{What is wrong or open}"]
    if against:
        items = [rf"\item {_badge(b)} {escaped(_said(t, b, data['theorems']))}" for t, b in against]
        lines += [r"\begin{itemize}", *items, r"\end{itemize}"]
    if left:
        lines.append(escaped(f"{counted(len(rows), 'point')} of {left + len(rows):,} are shown."))
    return [*lines, *(_table(problem_table(rows), *_REASONS) if rows else [])]


def _said(theorem: Mapping[str, Any], badge: Badge, others: Sequence[Mapping[str, Any]]) -> str:
    words = ", ".join(filter(None, [named(theorem, others), badge.remark]))
    return f"{words}: {theorem['note']}" if theorem["note"] else words


def _badge(badge: Badge) -> str:
    return rf"\textbf{{{escaped(badge.word)}}}"


def _theorems(data: Mapping[str, Any]) -> list[str]:
    lines = [r"\section*{Theorems}"] * bool(data["theorems"])
    for theorem in data["theorems"]:
        badge = theorem_badge(theorem)
        remark = f" {escaped(f'({badge.remark})')}" if badge.remark else ""
        lines += ["", rf"\subsubsection*{{{escaped(named(theorem, data['theorems']))}: {escaped(badge.word)}{remark}}}"]
        found = safe_formula(theorem["latex"])
        if found is None:
            lines.append(rf"\noindent\texttt{{{escaped(theorem['claim'])}}}")
        else:
            example = "For the first network of the study, and for the others alike: " if theorem["example"] else ""
            lines += [rf"\noindent {example}{found[0]}", rf"\[ {found[1]} \]"]
        facts = "; ".join(
            rf"\emph{{{escaped(name)}}}: {escaped(value)}" for name, value in theorem_facts(theorem).items()
        )
        lines += ["", rf"\noindent {{\small {facts}.}}"]
    return lines


def _tightness(data: Mapping[str, Any]) -> list[str]:
    return [r"\section*{Tightness ladder}", *_table(ladder_table(data["ladder"]))] if data["ladder"] else []


def _figures(data: Mapping[str, Any], images: Mapping[str, str]) -> list[str]:
    shown = [figure for figure in data["figures"] if figure["id"] in images]
    lines = [r"\section*{Figures}"] * bool(shown)
    for figure in shown:
        lines += [
            r"\begin{center}",
            rf"\includegraphics[width=0.85\linewidth]{{{images[figure['id']]}}}\\[1ex]",
            rf"\parbox{{0.9\linewidth}}{{\small\textbf{{{escaped(figure['title'])}.}} {escaped(figure['caption'])}}}",
            r"\end{center}",
        ]
    return lines


def _end(data: Mapping[str, Any]) -> list[str]:
    lines = [r"\section*{Worst points}", *_table(worst_table(data["worst"]))] if data["worst"] else []
    lines += [r"\section*{How to reproduce this}", r"\begin{description}"]
    lines += [rf"\item[{escaped(name)}] {escaped(value)}" for name, value in data["facts"].items()] or [r"\item[]"]
    lines.append(r"\end{description}")
    for item in data["reproduce"]:
        lines += ["", rf"\noindent {escaped(item['what'])}", r"\begin{flushleft}\small\ttfamily"]
        lines += [escaped(item["command"]), r"\end{flushleft}"]
    lines += [r"\section*{What the words mean}", r"\begin{description}"]
    lines += [rf"\item[{escaped(word)}] {escaped(meaning)}" for word, meaning in GLOSSARY.items()]
    return [*lines, r"\end{description}"]


def _table(table: Table, *kept: str) -> list[str]:
    """The table in pieces that fit on a page, no wider than a line; of some columns only, where they are named."""
    places = [i for i, column in enumerate(table.columns) if not kept or column.heading in kept]
    columns = "".join(_column(table, i) for i in places)
    heads = " & ".join(escaped(table.columns[i].heading) for i in places) + r" \\"
    lines = [rf"{{\small\noindent {escaped(table.caption)}\par}}"]
    for first in range(0, len(table.rows), _ROWS):
        piece = table.rows[first : first + _ROWS]
        lines += [
            rf"\smallskip\noindent\fitted{{\footnotesize\setlength{{\tabcolsep}}{{3.5pt}}\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
            *[r"\toprule", heads, r"\midrule"],
            *(" & ".join(_cell(row[i]) for i in places) + r" \\" for row in piece),
            r"\bottomrule\end{tabular}}\par",
        ]
    return [*lines, r"\bigskip"]


def _column(table: Table, place: int) -> str:
    column = table.columns[place]
    if column.numbers:
        return "r"
    longest = max((len(row[place].text) for row in table.rows), default=0)
    if longest <= 24:
        return "l"
    return r">{\raggedright\arraybackslash}p{" + ("6cm" if longest > 70 else "4cm") + "}"


def _cell(cell: Cell) -> str:
    power = re.fullmatch(r"(-?[\d.]+)e([+-]?)0*(\d+)", cell.text)
    if power:
        return rf"${power[1]}\cdot 10^{{{power[2].replace('+', '')}{power[3]}}}$"
    return escaped(cell.text)
