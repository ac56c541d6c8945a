"""Parts of addresses that tests compare (RFC 5228 §2.7.4, RFC 5233 §4)."""

from collections.abc import Mapping
from typing import Final

from smartmail.formats.address import split_address
from smartmail.proto.sieve.program import Value

SEPARATOR: Final = "+"
"""Between user and detail, as the directory resolves sub-addresses."""


def part(address: str, tags: Mapping[str, Value]) -> str | None:
    """Return the part of an address that the tags name, the whole without one; None when it has no such part."""
    if not address:
        # RFC 5228 §5.4: the null reverse-path is empty whatever part is asked for.
        return ""
    local, domain = split_address(address)
    local = _unquoted(local)
    if "domain" in tags:
        return domain or None
    if "localpart" in tags:
        return local
    user, separator, detail = local.partition(SEPARATOR)
    if "user" in tags:
        return user
    if "detail" in tags:
        # RFC 5233 §4: without a separator there is no detail to match, not even an empty one.
        return detail if separator else None
    return f"{local}@{domain}" if domain else local


def _unquoted(local: str) -> str:
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        return local[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return local
