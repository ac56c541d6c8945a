"""Trees of conditions over facts of any type: all, any, not, and leaves that a caller makes.

NAME        policy trees
PURPOSE     From JSON to one function of facts, made once, with nothing left to go wrong when it is asked.
SHAPE       {"all": [tree…]} · {"any": [tree…]} · {"not": tree} · a leaf {"fact": NAME, …}.
STRATEGIES  "not" is pushed down to the leaves (De Morgan), so that a leaf may say what its opposite is.
LIMITS      `MAX_DEPTH` levels, `MAX_NODES` nodes.
FAILURE     ConditionError when a tree is made ready; its text is for administrators. Asking never fails.
Must not know what facts there are.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

MAX_DEPTH: Final = 8
MAX_NODES: Final = 100

F = TypeVar("F")
MakeLeaf = Callable[[dict[str, Any], bool], Callable[[F], bool]]
"""Returns what a leaf says of facts; the flag: of the opposite of the leaf."""


class ConditionError(ValueError):
    """A tree, window or list that cannot be."""


def compile_tree(tree: Any, leaf: MakeLeaf[F]) -> Callable[[F], bool]:
    """Return the function of a tree. Raises ConditionError, also what `leaf` raises of it."""
    return _node(tree, 1, [MAX_NODES], leaf, negated=False)


def _node(tree: Any, depth: int, budget: list[int], leaf: MakeLeaf[F], *, negated: bool) -> Callable[[F], bool]:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise ConditionError(f"a condition has at most {MAX_DEPTH} levels and {MAX_NODES} parts")
    if not isinstance(tree, dict):
        raise ConditionError('a condition is an object: {"all": …}, {"any": …}, {"not": …} or {"fact": …}')
    if "fact" in tree:
        return leaf(tree, negated)
    if len(tree) != 1:
        raise ConditionError('a condition is one of "all", "any", "not", "fact"')
    [(word, below)] = tree.items()
    if word == "not":
        return _node(below, depth + 1, budget, leaf, negated=not negated)
    if word not in {"all", "any"} or not isinstance(below, list):
        raise ConditionError('"all" and "any" take a list of conditions, "not" takes one')
    parts = tuple(_node(one, depth + 1, budget, leaf, negated=negated) for one in below)
    return _all(parts) if (word == "all") is not negated else _any(parts)


def _all(parts: Sequence[Callable[[F], bool]]) -> Callable[[F], bool]:
    def test(facts: F) -> bool:
        for part in parts:  # noqa: SIM110 -- no generator on the way of every login
            if not part(facts):
                return False
        return True

    return test


def _any(parts: Sequence[Callable[[F], bool]]) -> Callable[[F], bool]:
    def test(facts: F) -> bool:
        for part in parts:  # noqa: SIM110
            if part(facts):
                return True
        return False

    return test
