"""/jmap/photograph: colleagues' photographs, and one's own.

GET     /jmap/photograph/{principalId}/{small|large}[?v=…]: for who is signed in, of the own company.
GET     /jmap/photograph: where the own one lies, and whether one may put one.
PUT     /jmap/photograph: the own one, any picture; DELETE removes it.
SECURITY  What is shown was written anew here and is a JPEG of ours; it runs nothing and lies in a sandbox.
"""

import msgspec

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.photographs import PhotoSize
from smartmail.edge.httpd import security
from smartmail.edge.httpd.api import JSON
from smartmail.edge.httpd.jmap.principals import PHOTOGRAPHS as PATH
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.proto.jmap import numbers
from smartmail.service.catalogue import Services
from smartmail.service.people.photographs import MAX_OCTETS

_HEADERS = [("content-security-policy", "sandbox; default-src 'none'")]
_KEPT = ("cache-control", "private, max-age=604800, immutable")
_ASKED = ("cache-control", "private, no-cache")
_SIZES: dict[str, PhotoSize] = {"small": "small", "large": "large"}


def address_of(person: str, version: int) -> str:
    """Return where the small photograph of a principal lies, of this version."""
    return f"{PATH}/{person}/small?v={version}"


class PhotographDoor:
    """The handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [
            ("GET", f"{PATH}/*", self.show), ("GET", PATH, self.own), ("PUT", PATH, self.put), ("DELETE", PATH, self.drop),
        ]  # fmt: skip

    async def own(self, request: Request, answer: Answer) -> None:
        """GET → {"photo", "mayPut"}."""
        actor = await security.authenticate(self._services.auth, request)
        version = await self._services.photographs.version(actor)
        told = {
            "photo": address_of(numbers.show(numbers.PERSON, actor.account_id), version) if version else None,
            "mayPut": await self._services.photographs.may_own(actor),
        }
        await answer.whole(200, msgspec.json.encode(told), JSON)

    async def show(self, request: Request, answer: Answer) -> None:
        """GET → the picture, 404 where there is none to be seen."""
        actor = await security.authenticate(self._services.auth, request)
        whose, _, size = request.path.removeprefix(f"{PATH}/").partition("/")
        number = numbers.parse(numbers.PERSON, whose)
        if number is None or size not in _SIZES:
            raise NotFound
        octets, version = await self._services.photographs.seen_by(actor, AccountId(number), _SIZES[size])
        etag = f'"{whose}-{version}-{size}"'
        headers = [*_HEADERS, ("etag", etag), _KEPT if request.query("v") == str(version) else _ASKED]
        if request.header("if-none-match") == etag:
            await answer.whole(304, headers=headers)
            return
        await answer.whole(200, octets, "image/jpeg", headers)

    async def put(self, request: Request, answer: Answer) -> None:
        """PUT octets of a picture → {"photo"}."""
        actor = await security.authenticate(self._services.auth, request)
        use = self._services.defence.accounts.use(actor)
        await use.command()
        octets = await request.body(MAX_OCTETS)
        version = await self._services.photographs.put(actor, actor.account_id, octets)
        await use.note(written=len(octets))
        address = address_of(numbers.show(numbers.PERSON, actor.account_id), version)
        await answer.whole(200, msgspec.json.encode({"photo": address}), JSON)

    async def drop(self, request: Request, answer: Answer) -> None:
        """DELETE → the own one is gone."""
        actor = await security.authenticate(self._services.auth, request)
        await self._services.photographs.drop(actor, actor.account_id)
        await answer.whole(204)
