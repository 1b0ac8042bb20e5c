"""Words and formulas for LaTeX: every string is escaped, and of formulas only what is known to be harmless is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_ASCII = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": "-{}",  # two of them are not a dash
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}
_GREEK = [
    "alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
    "xi", "o", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "varphi", "chi", "psi", "omega"
]  # fmt: skip
_CAPITALS = {
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon",
    "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ϵ": "epsilon", "ϕ": "phi", "ϑ": "vartheta",
}  # fmt: skip
_SIGNS = {
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "∞": r"\infty", "×": r"\times", "·": r"\cdot", "±": r"\pm",
    "−": "-", "‖": r"\|", "∈": r"\in", "∑": r"\sum", "∏": r"\prod", "√": r"\surd", "→": r"\to", "⇒": r"\Rightarrow",
    "∀": r"\forall", "∃": r"\exists", "∪": r"\cup", "∩": r"\cap", "⊂": r"\subset", "⊆": r"\subseteq", "∂": r"\partial",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "⟨": r"\langle", "⟩": r"\rangle", "∘": r"\circ",
    "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℙ": r"\mathbb{P}", "𝔼": r"\mathbb{E}", "′": "'", "¬": r"\lnot",
    "✓": r"\checkmark", "✗": r"\times", "∎": r"\blacksquare", "∼": r"\sim", "∝": r"\propto", "°": r"^{\circ}",
}  # fmt: skip
_MATH = (
    {chr(0x3B1 + i): name if name == "o" else f"\\{name}" for i, name in enumerate(_GREEK)}
    | {sign: f"\\{name}" for sign, name in _CAPITALS.items()}
    | _SIGNS
    | {sign: f"^{{{i}}}" for i, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
    | {sign: f"_{{{i}}}" for i, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
    | {"⁻": "^{-}", "⁺": "^{+}"}
)
_TEXT = {
    "–": r"\textendash{}", "—": r"\textemdash{}", "…": r"\dots{}", "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}", "‘": r"\textquoteleft{}", "’": r"\textquoteright{}", "§": r"\S{}",
    "€": r"\texteuro{}",
    "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}",
    "ł": r"\l{}", "Ł": r"\L{}", "đ": r"\dj{}", "Đ": r"\DJ{}", "ı": r"\i{}", "þ": r"\th{}", "ð": r"\dh{}",
    "\u00a0": "~", "\u202f": r"\,", "\u2009": r"\,", "\u00ad": r"\-",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030a": "r", "\u030c": "v",
    "\u0304": "=", "\u0306": "u", "\u0307": ".", "\u0327": "c", "\u0328": "k", "\u030b": "H",
}  # fmt: skip
_LONG = 18
_BREAKS = re.compile(r"(?<=[/_,:=;)(*+])(?=[^\s/_,:=;)(*+])|(?<=\.)(?=[^\s\d.])")


def escaped(words: object) -> str:
    r"""Any string as LaTeX for text mode; what LaTeX has no sign for is shown by its number.

    Examples
    --------
    >>> print(escaped("50% of a_b ≤ δ, é 中"))
    50\% of a\_b \ensuremath{\le} \ensuremath{\delta}, \'{e} [U+4E2D]
    """
    pieces = []
    for word in re.split(r"(\s+)", str(words)):
        parts = _BREAKS.split(word) if len(word) > _LONG else [word]
        pieces.append(r"\allowbreak{}".join("".join(_characters(part)) for part in parts))
    return "".join(pieces)


def _characters(words: str) -> Iterator[str]:
    for character in unicodedata.normalize("NFC", words):
        if character in " \t\r\n":
            yield " "
        elif known := _ASCII.get(character) or _TEXT.get(character):
            yield known
        elif " " <= character <= "~":
            yield character
        elif character in _MATH:
            yield f"\\ensuremath{{{_MATH[character]}}}"
        else:
            yield _accented(character)


def _accented(character: str) -> str:
    base, *marks = tuple(unicodedata.normalize("NFD", character))
    if len(marks) == 1 and marks[0] in _ACCENTS and base.isascii() and base.isalpha():
        letter = rf"\{base} " if base in "ij" and marks[0] != "\u0328" else base
        return f"\\{_ACCENTS[marks[0]]}{{{letter}}}"
    return "" if unicodedata.category(character) in ("Cc", "Cf") else f"[U+{ord(character):04X}]"


_CONTROL_WORDS = frozenset([
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma",
    "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "frac", "tfrac", "dfrac",
    "sqrt", "left", "right", "operatorname", "mathbb", "mathcal", "mathrm", "mathit", "text", "overline", "overset",
    "underset", "widehat", "hat", "bar", "tilde", "sum", "prod", "int", "sup", "inf", "max", "min", "lim", "log",
    "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "in", "notin", "to",
    "le", "leq", "ge", "geq", "lt", "gt", "neq", "ne", "sim", "approx", "infty", "times", "cdot", "dots", "ldots",
    "cdots", "lfloor", "rfloor", "lceil", "rceil", "langle", "rangle", "pm", "mid", "quad", "qquad", "land", "lor",
    "neg", "forall", "exists", "cup", "cap", "subset", "subseteq", "setminus", "binom", "begin", "end", "erf",
    "big", "Big", "bigl", "bigr", "ensuremath", "allowbreak",
    "textless", "textgreater", "textbar", "textquotesingle", "textendash", "textemdash",
    "textasciicircum", "textasciitilde", "textbackslash"
])  # fmt: skip
_ENVIRONMENTS = frozenset(["cases", "matrix", "pmatrix", "bmatrix"])
_CONTROL_SIGNS = frozenset("\\,;:! {}_|&%#$")
_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|\^\^|.", re.S)
_LONGEST = 20_000


def safe_formula(text: str | None) -> tuple[str, str] | None:
    """Setting and claim of a theorem as LaTeX, of text mode and of math mode; None unless all of it is known.

    Parameters
    ----------
    text
        As `boundcheck show NAME --format latex` prints it, or one formula.
    """
    if not text or len(text) > _LONGEST * 10:
        return None
    setting, display, rest = text.partition(r"\[")
    claim = rest.partition(r"\]")[0] if display else text
    if not display:
        setting = ""
    claim = claim.strip()
    if claim.startswith(r"\begin{aligned}"):  # what follows the claim are the symbols in it
        claim = claim.removeprefix(r"\begin{aligned}").partition(r"\end{aligned}")[0].strip()
        claim = claim.partition("\\\\\n")[0].strip().removeprefix("&").strip()
    setting = setting.strip()
    if not claim or not _harmless(claim, math=True) or not _harmless(setting, math=False):
        return None
    return _mapped(setting), _mapped(claim)


def _mapped(text: str) -> str:
    return "".join(character if character.isascii() else "".join(_characters(character)) for character in text)


def _harmless(text: str, *, math: bool) -> bool:
    """Whether it has known commands only, and all that it opens it closes."""
    if len(text) > _LONGEST or "\n\n" in text or not text.replace("\n", " ").isprintable():
        return False
    open_, dollars, lefts, environments = 0, 0, 0, 0
    for token in _TOKENS.findall(text):
        if token.startswith("\\"):
            name = token[1:]
            if name not in _CONTROL_WORDS and name not in _CONTROL_SIGNS:
                return False
            lefts += (name == "left") - (name == "right")
            environments += (name == "begin") - (name == "end")
        elif token == "^^" or token in "%#~":
            return False
        elif token == "$":
            dollars += 1
        else:
            open_ += (token == "{") - (token == "}")
        if open_ < 0 or lefts < 0 or environments < 0:
            return False
    named = re.findall(r"\\(?:begin|end)(?:\{(\w*)\})?", text)
    columns = "&" in text.replace(r"\&", "")
    if not all(name in _ENVIRONMENTS for name in named) or (columns and not named):
        return False
    if open_ or lefts or environments or dollars % 2:
        return False
    return not dollars if math else bool(dollars) or not re.search(r"(?<!\\)[\^_]", text)
