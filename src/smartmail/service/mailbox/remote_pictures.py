"""Pictures of a mail that lie on servers of others, fetched for the reader who asked to see them.

NAME        remote-pictures
PURPOSE     Their sender learns that somebody of this installation looked, and neither who nor from where: no address,
            cookie, program or language of the reader goes along.
STRATEGIES  Rendering gives out each address with a proof, a keyed hash under the key of the account whose mail it is;
            only with it is an address asked. Nothing is kept here: the browser keeps what came for a day.
SECURITY    The client looks every name up itself and asks addresses of the open Internet alone, at each step of a
            redirect too. Only what begins as a picture goes on, and none of a kind that can act (SVG).
LIMITS      MAX_OCTETS, SECONDS in all, STEPS of redirects, AT_ONCE in this process.
FAILURE     Whatever is wrong is NotFound: the picture stays away, its words stand there.
"""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.pictures import media_type_of
from smartmail.formats.seal import Purpose
from smartmail.ports.http import HttpAnswer, HttpClient, HttpFailed
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.rights import Rights

MAX_OCTETS: Final = 10 << 20
SECONDS: Final = 15.0
STEPS: Final = 4
AT_ONCE: Final = 32
"""Of these the largest are some 300 MB in memory, where somebody means harm."""
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {"accept": "image/avif,image/webp,image/png,image/jpeg,image/gif,image/*;q=0.5"}
_PATH: Final = "/%:=&?~+!$,;'@()*[]"

Prover = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class RemotePicture:
    """The octets of a picture, and what they are."""

    media_type: str
    octets: bytes


class RemotePictures:
    """Gives proofs for addresses, and fetches what was proven."""

    def __init__(self, http: HttpClient, keyring: Keyring, rights: Rights) -> None:
        self._http = http
        self._keyring = keyring
        self._rights = rights
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def prover(self, account_id: AccountId) -> Prover:
        """Return what makes the proof of an address that stands in a mail of an account; it may be called in threads."""
        keys = await self._keyring.account_by_id(account_id)
        return lambda url: keys.hash(Purpose.REMOTE_PICTURE, url.encode())

    async def fetch(self, actor: Actor, account_id: AccountId, url: str, proof: bytes) -> RemotePicture:
        """Fetch a picture. Raises NotFound: no reach, no proof, no answer, no picture."""
        await self._rights.access(actor, account_id)
        prove = await self.prover(account_id)
        if not hmac.compare_digest(prove(url), proof):
            raise NotFound
        async with self._turns:
            try:
                # Of all steps together: a server that answers slowly keeps others waiting no longer than that.
                async with asyncio.timeout(SECONDS):
                    octets = await self._follow(url)
            except (HttpFailed, ValueError, TimeoutError):
                raise NotFound from None
        media_type = media_type_of(octets)
        if media_type is None:
            raise NotFound
        return RemotePicture(media_type, octets)

    async def _follow(self, url: str) -> bytes:
        """Return the body at the end of redirects. Raises NotFound, HttpFailed, ValueError (no address)."""
        for _ in range(STEPS):
            url = secured(url)
            answer = await self._http.request("GET", url, headers=_HEADERS, max_octets=MAX_OCTETS, seconds=SECONDS)
            if answer.status not in _MOVED:
                return _body(answer)
            url = urljoin(url, answer.headers.get("location", ""))
        raise NotFound


def _body(answer: HttpAnswer) -> bytes:
    # What was packed though nobody asked for it is no picture by its first octets.
    if answer.status != 200:
        raise NotFound
    return answer.body


def secured(url: str) -> str:
    """Return an address as it is asked: by https, in ASCII (RFC 3987 §3.1), without name, password and fragment.

    Raises ValueError for what is no address of the web.
    """
    parts = urlsplit(url)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise ValueError("no address of the web")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    name = f"[{host}]" if ":" in host else host
    # The port of clear text is none for TLS.
    port = f":{parts.port}" if parts.port is not None and parts.port not in {80, 443} else ""
    return urlunsplit(("https", name + port, quote(parts.path or "/", safe=_PATH), quote(parts.query, safe=_PATH), ""))
