"""The proof tree: what was shown on which box by which rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import Expr

from boundcheck.formula.prover.boxes import Box
from boundcheck.formula.tree import to_tree


@dataclass(frozen=True)
class Node:
    """`goal` ≥ 0 on the open box (off splitting planes and removable singularities), by `rule` from the children.

    `detail` holds what the rule needs beside: expressions, symbols, ends, or a list of boxes.
    """

    rule: str
    goal: Expr
    box: Box
    detail: dict[str, Any] = field(default_factory=dict)
    children: tuple[Node, ...] = ()

    def tree(self) -> dict[str, Any]:
        """Plain data."""
        data: dict[str, Any] = {"rule": self.rule, "goal": to_tree(self.goal), "box": self.box.tree()}
        data |= {key: _plain(value) for key, value in self.detail.items()}
        if self.children:
            data["children"] = [child.tree() for child in self.children]
        return data

    def size(self) -> int:
        """How many nodes the tree has."""
        return 1 + sum(child.size() for child in self.children)

    def rules(self) -> set[str]:
        """The rules used."""
        return {self.rule}.union(*(child.rules() for child in self.children))


def _plain(value: Any) -> Any:
    if isinstance(value, Expr):
        return to_tree(value)
    if isinstance(value, Box):
        return value.tree()
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
