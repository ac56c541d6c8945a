"""Filter trees and comparators of a query (RFC 8620 §5.5): JSON to typed trees, with bounds.

A condition is a Struct that the caller names; a property that it does not have is `unsupportedFilter`, a value of the
wrong type `invalidArguments`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from smartmail.proto.jmap.errors import MethodError

F = TypeVar("F", bound=Struct)

# A person's search has a handful of conditions, the deepest of our own two levels.
MAX_DEPTH: Final = 16
MAX_CONDITIONS: Final = 256
MAX_COMPARATORS: Final = 16
MAX_CHARS: Final = 65_536
"""Characters in the texts of all conditions: a search takes them apart in one go."""


@dataclass(frozen=True, slots=True)
class FilterOperator(Generic[F]):
    """AND: all match; OR: at least one does; NOT: none does."""

    operator: Literal["AND", "OR", "NOT"]
    conditions: tuple["FilterOperator[F] | F", ...]


class Comparator(Struct, frozen=True, rename="camel"):
    """One level of a sort. `keyword` is of Email alone (RFC 8621 §4.4.2)."""

    property: str
    is_ascending: bool = True
    collation: str | None = None
    keyword: str | None = None


class _Conditions(Generic[F]):
    def __init__(self, shape: type[F]) -> None:
        self._shape = shape
        self._known = {field.encode_name for field in msgspec.structs.fields(shape)}
        self._count = 0
        self._chars = 0

    def tree(self, raw: Any, depth: int) -> "FilterOperator[F] | F":
        if depth > MAX_DEPTH:
            raise MethodError("unsupportedFilter", f"more than {MAX_DEPTH} levels")
        self._count += 1
        if self._count > MAX_CONDITIONS:
            raise MethodError("unsupportedFilter", f"more than {MAX_CONDITIONS} conditions")
        if not isinstance(raw, dict):
            raise MethodError("invalidArguments", "a filter is not an object")
        return self._operator(raw, depth) if "operator" in raw else self._condition(raw)

    def _operator(self, raw: dict[str, Any], depth: int) -> FilterOperator[F]:
        operator, below = raw["operator"], raw.get("conditions")
        if operator not in ("AND", "OR", "NOT") or not isinstance(below, list) or len(raw) != 2:
            raise MethodError("invalidArguments", "not a FilterOperator")
        return FilterOperator(operator, tuple(self.tree(one, depth + 1) for one in below))

    def _condition(self, raw: dict[str, Any]) -> F:
        unknown = next((name for name in raw if name not in self._known), None)
        if unknown is not None:
            raise MethodError("unsupportedFilter", f"no such condition: {unknown[:100]}")
        self._chars += sum(len(text) for value in raw.values() for text in _texts(value))
        if self._chars > MAX_CHARS:
            raise MethodError("unsupportedFilter", f"more than {MAX_CHARS} characters of text")
        try:
            return msgspec.convert(raw, self._shape)
        except msgspec.ValidationError as error:
            raise MethodError("invalidArguments", str(error)[:400]) from None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def parse_filter(raw: Any, shape: type[F]) -> "FilterOperator[F] | F | None":
    """Return the tree, or None when there is no filter. Raises MethodError."""
    return None if raw is None else _Conditions(shape).tree(raw, 1)


def conditions(tree: "FilterOperator[F] | F | None") -> Iterator[F]:
    """Yield all conditions of a tree, wherever they stand: which data a filter needs."""
    if isinstance(tree, FilterOperator):
        for below in tree.conditions:
            yield from conditions(below)
    elif tree is not None:
        yield tree


def matches(tree: "FilterOperator[F] | F | None", test: Callable[[F], bool]) -> bool:
    """Whether an object for which `test` judges single conditions passes the filter."""
    if tree is None:
        return True
    if not isinstance(tree, FilterOperator):
        return test(tree)
    if tree.operator == "AND":
        return all(matches(below, test) for below in tree.conditions)
    found = any(matches(below, test) for below in tree.conditions)
    return found if tree.operator == "OR" else not found


def parse_sort(
    raw: Sequence[Any] | None, sortable: Collection[str], collations: Collection[str]
) -> tuple[Comparator, ...]:
    """Return the comparators. Raises MethodError: unsupportedSort for a property or collation that is not offered."""
    if raw is None:
        return ()
    if len(raw) > MAX_COMPARATORS:
        raise MethodError("unsupportedSort", f"more than {MAX_COMPARATORS} comparators")
    return tuple(_comparator(one, sortable, collations) for one in raw)


def _comparator(raw: Any, sortable: Collection[str], collations: Collection[str]) -> Comparator:
    try:
        comparator = msgspec.convert(raw, Comparator)
    except msgspec.ValidationError as error:
        raise MethodError("invalidArguments", str(error)[:400]) from None
    if comparator.property not in sortable:
        raise MethodError("unsupportedSort", f"no such sort: {comparator.property[:100]}")
    if comparator.collation is not None and comparator.collation not in collations:
        raise MethodError("unsupportedSort", f"no such collation: {comparator.collation[:100]}")
    return comparator
