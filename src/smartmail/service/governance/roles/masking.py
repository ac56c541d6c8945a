"""Masked: the one place where fields are left out of what an administrator is shown.

What a role hides is data of the role (domain.authority.Mask); which fields of a shown thing it means is said here once,
so that the API, exports and screens cannot differ. A field that is hidden is None, and its name stands in `masked`.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from smartmail.domain.authority import Mask

FIELDS: Final[Mapping[Mask, frozenset[str]]] = {
    "body": frozenset({"body", "text", "html", "preview", "octets", "attachments", "source"}),
    "subject": frozenset({"subject"}),
    "addresses": frozenset({"from", "to", "cc", "bcc", "sender", "replyTo", "recipients", "recipient"}),
    "phone": frozenset({"phone", "phones", "mobile"}),
    "birthday": frozenset({"birthday"}),
    "employee-number": frozenset({"employeeNumber"}),
    "login-address": frozenset({"address", "remoteAddress"}),
}
"""Names as the API shows them."""


def masked(record: Mapping[str, Any], masks: Collection[Mask]) -> dict[str, Any]:
    """Return a record as plain values, without the fields that masks hide, in all that it is made of."""
    hidden = frozenset[str]().union(*(FIELDS[one] for one in masks)) if masks else frozenset[str]()
    return _without(record, hidden) if hidden else dict(record)


def shows(masks: Collection[Mask], mask: Mask) -> bool:
    """Say whether a field may be shown at all: who may not see it need not fetch it."""
    return mask not in masks


def _without(record: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    gone = sorted(name for name, value in record.items() if name in hidden and value is not None)
    left = {name: None if name in hidden else _inside(value, hidden) for name, value in record.items()}
    return {**left, "masked": gone} if gone else left


def _inside(value: Any, hidden: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return _without(value, hidden)
    if isinstance(value, (list, tuple)):
        return [_inside(one, hidden) for one in value]
    return value
