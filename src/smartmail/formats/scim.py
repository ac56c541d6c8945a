"""SCIM 2.0 as text: filters of one comparison, and PATCH applied to a resource.

STANDARDS  RFC 7643 (resources), RFC 7644 §3.4.2.2 (filters: `attribute eq "value"` only), §3.5.2 (PATCH).
LIMITS     MAX_OPERATIONS in a PATCH.
FAILURE    ScimError with the scimType of RFC 7644 §3.12.
Must not know what a resource stands for.
"""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

MAX_OPERATIONS: Final = 1_000
USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"

_FILTER = re.compile(r'\s*([A-Za-z][\w.:$-]*)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false)\s*', re.IGNORECASE)
_PATH = re.compile(r"([A-Za-z][\w$-]*)(?:\[([^\]]*)\])?(?:\.([A-Za-z][\w$-]*))?")


class ScimError(Exception):
    """A request that is not taken."""

    def __init__(self, kind: str, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.status = status


def comparison(text: str) -> tuple[str, Any]:
    """Return attribute (in lower case) and value of a filter. Raises ScimError."""
    found = _FILTER.fullmatch(text)
    if found is None:
        raise ScimError("invalidFilter", 'a filter is `attribute eq "value"`')
    try:
        return found[1].lower(), json.loads(found[2].lower() if found[2][0] != '"' else found[2])
    except ValueError:
        raise ScimError("invalidFilter", "the value of the filter cannot be read") from None


def patched(resource: Mapping[str, Any], document: Any) -> dict[str, Any]:
    """Return a resource with the operations of a PATCH done, in their order. Raises ScimError."""
    operations = _get(document, "operations") if isinstance(document, dict) else None
    if not isinstance(operations, list) or not 0 < len(operations) <= MAX_OPERATIONS:
        raise ScimError("invalidSyntax", f"a PATCH has 1 to {MAX_OPERATIONS} Operations")
    made: dict[str, Any] = copy.deepcopy(dict(resource))
    for one in operations:
        if not isinstance(one, dict):
            raise ScimError("invalidSyntax", "an operation is an object")
        operation, path, value = str(_get(one, "op")).lower(), _get(one, "path"), _get(one, "value")
        if operation not in {"add", "replace", "remove"}:
            raise ScimError("invalidSyntax", "op is add, replace or remove")
        if path is None:
            _whole(made, operation, value)
        elif isinstance(path, str):
            _one(made, operation, path, value)
        else:
            raise ScimError("invalidPath", "a path is text")
    return made


def _get(document: Mapping[str, Any], name: str) -> Any:
    """Return a value by a name in which case does not matter (RFC 7643 §2.1)."""
    return next((value for key, value in document.items() if str(key).lower() == name.lower()), None)


def _name(document: Mapping[str, Any], name: str) -> str:
    return next((key for key in document if key.lower() == name.lower()), name)


def _whole(made: dict[str, Any], operation: str, value: Any) -> None:
    if operation == "remove":
        raise ScimError("noTarget", "remove needs a path")
    if not isinstance(value, dict):
        raise ScimError("invalidValue", "without a path the value is an object")
    for name, inner in value.items():
        if name.lower() == ENTERPRISE.lower() and isinstance(inner, dict):
            for attribute, what in inner.items():
                _one(made, operation, f"{ENTERPRISE}:{attribute}", what)
        elif name.lower() != "schemas":
            _one(made, operation, name, inner)


def _one(made: dict[str, Any], operation: str, path: str, value: Any) -> None:
    place = made
    for schema in (ENTERPRISE, USER, GROUP):
        if path.lower().startswith(schema.lower() + ":"):
            path = path[len(schema) + 1 :]
            if schema == ENTERPRISE:
                place = made.setdefault(ENTERPRISE, {})
            break
    found = _PATH.fullmatch(path)
    if found is None:
        raise ScimError("invalidPath", f"{path[:100]!r} is no path")
    name = _name(place, found[1])
    if found[2] is not None:
        _among(place, operation, name, found[2], found[3], value)
    elif found[3] is not None:
        _under(place, operation, name, found[3], value)
    else:
        _put(place, operation, name, value)


def _put(place: dict[str, Any], operation: str, name: str, value: Any) -> None:
    present = place.get(name)
    if operation == "remove":
        # `remove` with values takes these alone, as some clients say it for members.
        gone = value if isinstance(value, list) else None
        place[name] = [one for one in present if not _in(one, gone)] if gone and isinstance(present, list) else None
    elif operation == "add" and isinstance(present, list):
        more = value if isinstance(value, list) else [value]
        place[name] = present + [one for one in more if not _in(one, present)]
    elif isinstance(present, dict) and isinstance(value, dict):
        place[name] = {**present, **{_name(present, key): inner for key, inner in value.items()}}
    else:
        place[name] = value


def _under(place: dict[str, Any], operation: str, name: str, inner: str, value: Any) -> None:
    held = place.get(name)
    if not isinstance(held, dict):
        held = place[name] = {}
    _put(held, operation, _name(held, inner), value)


def _among(place: dict[str, Any], operation: str, name: str, condition: str, inner: str | None, value: Any) -> None:
    """Change those of several values that a condition chooses; `replace` of one that is not there makes it."""
    attribute, wanted = comparison(condition)
    held = place.get(name)
    values: list[Any] = list(held) if isinstance(held, list) else []
    chosen = [one for one in values if isinstance(one, dict) and _same(_get(one, attribute), wanted)]
    if operation == "remove" and inner is None:
        place[name] = [one for one in values if one not in chosen]
        return
    if not chosen:
        if operation == "remove":
            raise ScimError("noTarget", f"nothing in {name} has that {attribute}")
        chosen = [{attribute: wanted}]
        values += chosen
    for one in chosen:
        if inner is not None:
            _put(one, operation, _name(one, inner), value)
        elif isinstance(value, dict):
            one.update(value)
        else:
            raise ScimError("invalidValue", "the value is an object")
    place[name] = values


def _in(one: Any, several: Sequence[Any] | None) -> bool:
    value = one.get("value") if isinstance(one, dict) else one
    return any(value == (other.get("value") if isinstance(other, dict) else other) for other in several or ())


def _same(left: Any, right: Any) -> bool:
    return left.lower() == right.lower() if isinstance(left, str) and isinstance(right, str) else bool(left == right)
