"""What a person chose for their screens: density, panes, writing and whatever else a page of ours remembers about them.

Each choice is one sealed annotation of the server (RFC 5464) that is the person's own, so that two open pages never undo
each other's choices. What a name means is the page's business; here are only the bounds.

LIMITS  `MOST` choices, `MAX_VALUE` octets of one as JSON.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from smartmail.domain.errors import Invalid, RateLimited, TooLarge
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.metadata import SERVER, MetadataService

MOST = 100
MAX_VALUE = 16_384
_PREFIX = "/private/vendor/smartmail/preference/"
_Zone = Annotated[str, msgspec.Meta(max_length=64)]
_NAME = re.compile(r"[a-z][a-zA-Z0-9]{0,47}\Z")


class PreferenceService:
    """Reads and changes the choices of the person who asks."""

    def __init__(self, metadata: MetadataService) -> None:
        self._metadata = metadata

    async def all(self, actor: Actor) -> dict[str, Any]:
        """Return name → value, in order of names."""
        entries = await self._metadata.entries(actor, actor.account_id, SERVER)
        found: dict[str, Any] = {}
        for entry, value in sorted(entries.items()):
            if not entry.startswith(_PREFIX):
                continue
            try:
                found[_name(entry)] = msgspec.json.decode(value)
            except msgspec.DecodeError:
                # Written by another program over IMAP, where any octets are a value.
                continue
        return found

    async def zone_of(self, colleague: AccountId, organization_id: OrganizationId) -> str:
        """Return the IANA name of the clock that a colleague chose, "" for none: it is told within the company, so that mail
        can be planned for their morning.
        """
        them = Actor(colleague, organization_id, "", is_admin=False, origin=Origin("system"))
        value = (await self._metadata.entries(them, colleague, SERVER)).get(_entry("timeZone"), b"")
        try:
            return msgspec.json.decode(value, type=_Zone) if value else ""
        except msgspec.DecodeError:
            return ""

    async def change(self, actor: Actor, values: Mapping[str, Any]) -> None:
        """Put choices, or take away those whose value is None. Raises Invalid (a name), TooLarge, RateLimited (too many)."""
        entries: dict[str, bytes | None] = {}
        for name, value in values.items():
            if not _NAME.match(name):
                raise Invalid("a name is a small letter and up to 47 letters and digits")
            entries[_entry(name)] = None if value is None else _encoded(value)
        held = await self.all(actor)
        if len({*held, *values} - {name for name, value in values.items() if value is None}) > MOST:
            raise RateLimited
        if entries:
            await self._metadata.change(actor, actor.account_id, SERVER, entries)


def _encoded(value: Any) -> bytes:
    octets = msgspec.json.encode(value)
    if len(octets) > MAX_VALUE:
        raise TooLarge
    return octets


def _entry(name: str) -> str:
    """Names of annotations know no capitals (RFC 5464 §3.1): `undoSeconds` is `undo-seconds` there."""
    return _PREFIX + re.sub(r"[A-Z]", lambda found: f"-{found[0].lower()}", name)


def _name(entry: str) -> str:
    return re.sub(r"-([a-z])", lambda found: found[1].upper(), entry.removeprefix(_PREFIX))
