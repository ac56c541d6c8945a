"""JSON Pointer (RFC 6901) with the `*` of RFC 8620 §3.7, and PatchObject (RFC 8620 §5.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

# A reference that would give more values than any method takes is refused before it is built.
MAX_VALUES: Final = 100_000
MAX_STEPS: Final = 500_000
MAX_DEPTH: Final = 64
MAX_PATHS: Final = 10_000
"""Paths of one patch: what they change is looked at in one go."""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class PointerError(ValueError):
    """A path that leads nowhere, or a patch that cannot be applied; the text names the path."""


def split(path: str) -> list[str]:
    """Return the reference parts of a pointer. Raises PointerError when it does not begin with `/`."""
    if path == "":
        return []
    if not path.startswith("/"):
        raise PointerError(f"{path}: must begin with a slash")
    if path.count("/") > MAX_DEPTH:
        raise PointerError("path is too deep")
    parts = path[1:].split("/")
    # RFC 6901 §4: `~1` first, then `~0`.
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


@dataclass(slots=True)
class Steps:
    """Values that evaluating may still look at, of one path or of all paths of a request."""

    left: int = MAX_STEPS

    def take(self, count: int) -> None:
        """Count some. Raises PointerError when there are no more."""
        self.left -= count
        if self.left < 0:
            raise PointerError("the path leads past too many values")


def evaluate(value: Any, path: str, steps: Steps | None = None) -> Any:
    """Return what `path` points at in `value`. Raises PointerError, also where that takes more than `steps`.

    RFC 8620 §3.7: `*` on an array applies the rest to each item; results that are arrays are joined to one.
    """
    return _evaluate(value, split(path), path, Steps() if steps is None else steps)


def _evaluate(value: Any, parts: Sequence[str], path: str, steps: Steps) -> Any:
    for index, part in enumerate(parts):
        if part == "*" and isinstance(value, list):
            return _each(value, parts[index + 1 :], path, steps)
        value = _step(value, part, path)
    return value


def _each(items: list[Any], rest: Sequence[str], path: str, steps: Steps) -> list[Any]:
    # Before the first of them: an array whose items are empty arrays gives nothing that could be counted after.
    steps.take(len(items) * (1 + len(rest)))
    out: list[Any] = []
    for item in items:
        found = _evaluate(item, rest, path, steps)
        if isinstance(found, list):
            out.extend(found)
        else:
            out.append(found)
        if len(out) > MAX_VALUES:
            raise PointerError(f"{path}: gives too many values")
    return out


def _step(value: Any, part: str, path: str) -> Any:
    if isinstance(value, dict) and part in value:
        return value[part]
    # RFC 6901 §4: digits without leading zeros.
    if isinstance(value, list) and part.isascii() and part.isdigit() and (part == "0" or part[0] != "0"):
        index = int(part) if len(part) < 10 else len(value)
        if index < len(value):
            return value[index]
    raise PointerError(f"{path}: leads nowhere")


# -- PatchObject ----------------------------------------------------------------------------------------------------


def check_patch(patch: Mapping[str, Any]) -> None:
    """Raise PointerError when one path of the patch is a prefix of another (RFC 8620 §5.3), or there are too many."""
    if len(patch) > MAX_PATHS:
        raise PointerError(f"a patch has at most {MAX_PATHS} paths")
    paths = {tuple(split("/" + key)) for key in patch}
    if len(paths) != len(patch):
        raise PointerError("two paths of the patch are the same")
    for path in paths:
        for length in range(1, len(path)):
            if path[:length] in paths:
                raise PointerError(f"{'/'.join(path)}: another path of the patch is a prefix of it")


def apply_patch(
    target: Mapping[str, Any], patch: Mapping[str, Any], defaults: Mapping[str, Any] = _NOTHING
) -> dict[str, Any]:
    """Return a copy of `target` with the patch applied; `target` is not touched. Raises PointerError.

    A null puts a top-level property back to its default, or takes the property away (RFC 8620 §5.3).
    """
    check_patch(patch)
    result = dict(target)
    copied: set[tuple[str, ...]] = {()}
    for key, value in patch.items():
        parts = split("/" + key)
        parent = _parent(result, parts, copied)
        _assign(parent, parts, value, defaults)
    return result


def _parent(root: dict[str, Any], parts: list[str], copied: set[tuple[str, ...]]) -> dict[str, Any]:
    """Walk to the object that holds the last part, copying each object on the way once."""
    node = root
    for depth, part in enumerate(parts[:-1], 1):
        below = node.get(part)
        # RFC 8620 §5.3: not inside an array, and everything before the last part must exist.
        if not isinstance(below, dict):
            raise PointerError(f"{'/'.join(parts)}: no object at {'/'.join(parts[:depth])}")
        at = tuple(parts[:depth])
        if at not in copied:
            copied.add(at)
            below = node[part] = dict(below)
        node = below
    return node


def _assign(parent: dict[str, Any], parts: list[str], value: Any, defaults: Mapping[str, Any]) -> None:
    name = parts[-1]
    if value is not None:
        parent[name] = value
    elif len(parts) == 1 and name in defaults:
        parent[name] = defaults[name]
    else:
        parent.pop(name, None)
