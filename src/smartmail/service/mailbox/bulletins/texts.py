"""The words of bulletins: checked, sealed under the company's key, opened; and the names of whom they are for.

Plain text: nothing in it can act, it is read out well, and a phone shows it. Addresses of pages in it become links where it
is shown.
LIMITS    MAX_TITLE and MAX_BODY characters.
"""

from typing import Final, Protocol

import msgspec

from smartmail.domain.bulletins import Bulletin
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.formats.seal import Kind
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.service.kernel.keyring import Keyring


class _Store(DirectoryStore, GroupStore, OrganizationStore, Protocol): ...


MAX_TITLE: Final = 200
MAX_BODY: Final = 20_000


class BulletinText(msgspec.Struct, frozen=True, array_like=True):
    """What a bulletin says."""

    title: str
    body: str


class BulletinTexts:
    """Seals and opens them."""

    def __init__(self, store: _Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def seal(self, home: OrganizationId, number: int, text: BulletinText) -> bytes:
        """Return the words as they are kept. Raises Invalid."""
        keys = await self._keyring.organization(home)
        return keys.seal(Kind.BULLETIN, msgspec.msgpack.encode(_checked(text)), number)

    async def open(self, row: Bulletin) -> BulletinText:
        """Return the words of a bulletin. Raises SealError."""
        keys = await self._keyring.organization(row.organization_id)
        return msgspec.msgpack.decode(keys.open(Kind.BULLETIN, row.sealed, row.id), type=BulletinText)

    async def place_name(self, place: Scope) -> str:
        """Return whom it is for in words; of what is gone, what it was called in rules."""
        if place.level == "organization":
            try:
                return (await self._store.organization(OrganizationId(int(place.subject)))).name
            except NotFound:
                return place.subject
        if place.level == "group":
            groups = await self._store.groups()
            return next((one.name for one in groups if str(one.id) == place.subject), place.subject)
        if place.level == "department":
            number, _, code = place.subject.partition(":")
            known = await self._store.departments(OrganizationId(int(number)))
            return next((one.name for one in known if one.code == code), code)
        return place.subject


def _checked(text: BulletinText) -> BulletinText:
    """Return the words as they are kept. Raises Invalid."""
    title = " ".join(text.title.split())
    body = text.body.replace("\r\n", "\n").strip("\n")
    if not 1 <= len(title) <= MAX_TITLE or not title.isprintable():
        raise Invalid(
            f"a bulletin has a title of {MAX_TITLE} characters at most", reason="bulletin.title", most=MAX_TITLE
        )
    if len(body) > MAX_BODY:
        raise Invalid(f"a bulletin says at most {MAX_BODY} characters", reason="text.long", most=MAX_BODY)
    if any(not one.isprintable() and one not in "\n\t\u200d" for one in body):
        raise Invalid("a bulletin is plain text without control characters", reason="text.plain")
    return BulletinText(title, body)
