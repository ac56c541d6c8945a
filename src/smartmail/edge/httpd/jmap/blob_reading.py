"""Opening a blob by its id: what the store holds as a blob, and Sieve scripts, which are kept elsewhere (RFC 9661 §2.2).

A script's content has the id `script-<number>-<version>`: with another content it has another one, as RFC 8620 §6 wants.
"""

import re
from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.domain.errors import NotFound
from smartmail.domain.filters import ScriptId
from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.jmap import ids
from smartmail.service.catalogue import Services
from smartmail.service.flow.filters.scripts import Script

_HEAD_ENDS: Final = re.compile(rb"\n\r?\n")
_MAX_HEAD: Final = 256 << 10
_SCRIPT: Final = re.compile(r"script-([1-9][0-9]{0,17})-([1-9][0-9]{0,17})")


class Reader(Protocol):
    """Reads octets by range."""

    @property
    def size(self) -> int:
        """Octets in all."""
        ...

    async def read(self, start: int = 0, length: int | None = None) -> bytes:
        """Return octets [start, start + length), fewer at the end."""
        ...


@dataclass(frozen=True, slots=True)
class HeldOctets:
    """A reader of octets that are in memory."""

    octets: bytes

    @property
    def size(self) -> int:
        return len(self.octets)

    async def read(self, start: int = 0, length: int | None = None) -> bytes:
        return self.octets[start:] if length is None else self.octets[start : start + length]


def show_script(script: Script) -> str:
    """Return the blob id of a script's content."""
    return f"script-{script.id}-{script.version}"


def script_of(text: str) -> ScriptId | None:
    """Return which script a blob id means; None when it means no script."""
    match = _SCRIPT.fullmatch(text)
    return None if match is None else ScriptId(int(match[1]))


async def open_to_save(
    services: Services, actor: Actor, account_id: AccountId, text: str
) -> tuple[ids.BlobName, Reader]:
    """The same for octets that leave: raises Forbidden too, where the person may not take them out."""
    name, reader = await open_blob(services, actor, account_id, text)
    if script_of(text) is None:
        await services.saving.require(actor, account_id, name.blob_id, whole=await is_original(name, reader))
    return name, reader


async def is_original(name: ids.BlobName, reader: Reader) -> bool:
    """Whether octets are asked for that begin in the head of a message: whatever the range, they are the message then.

    A part begins after the empty line that ends the head (RFC 5322 §2.1). A head that is longer than we look is taken for
    one that has no end.
    """
    if name.whole:
        return True
    before = await reader.read(0, min(name.start, _MAX_HEAD))
    return _HEAD_ENDS.search(before) is None


async def open_blob(services: Services, actor: Actor, account_id: AccountId, text: str) -> tuple[ids.BlobName, Reader]:
    """Return what part of which octets an id means. Raises NotFound, Unavailable."""
    script_id = script_of(text)
    if script_id is None:
        name = ids.blob_named(text)
        return name, await services.reading.reader(actor, account_id, name.blob_id)
    for script in await services.filters.list_all(actor, account_id):
        if show_script(script) == text:
            content = await services.filters.content(actor, account_id, script_id)
            return ids.BlobName(BlobId(b"")), HeldOctets(content)
    raise NotFound
