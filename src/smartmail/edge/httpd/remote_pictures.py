"""/jmap/picture/{accountId}/{proof}/{address}: a picture of a mail that lies elsewhere, fetched by us for the reader.

Proof and address are base64url, as rendering wrote them.
SECURITY  For who reaches the account. What comes is a picture by its first octets, lies in a sandbox and runs nothing.
LIMITS    AT_ONCE for one person, as many as two browsers ask for at the same time; the rest of the turns is for others.
"""

import base64
import binascii
from typing import Final

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd import security
from smartmail.edge.httpd.few_at_once import FewAtOnce
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Request
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.remote_pictures import Prover

PATH: Final = "/jmap/picture"
AT_ONCE: Final = 12
_HEADERS: Final = [
    ("content-security-policy", "sandbox; default-src 'none'"),
    # Asked again within a day, its server learns nothing.
    ("cache-control", "private, max-age=86400, immutable"),
]


def address_of(account: str, url: str, prove: Prover) -> str:
    """Return where the page asks for the picture of this address."""
    return f"{PATH}/{account}/{_written(prove(url))}/{_written(url.encode())}"


def _written(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _read(text: str) -> bytes:
    """Raises NotFound."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotFound from None


class RemotePictureDoor:
    """The handler."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._few = FewAtOnce(AT_ONCE)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("GET", f"{PATH}/*", self.show)]

    async def show(self, request: Request, answer: Answer) -> None:
        """GET → the picture, 404 where none came."""
        actor = await security.authenticate(self._services.auth, request)
        account, _, rest = request.path.removeprefix(f"{PATH}/").partition("/")
        proof, _, address = rest.partition("/")
        whose = ids.parse(ids.ACCOUNT, account)
        if whose is None:
            raise NotFound
        try:
            url = _read(address).decode()
        except UnicodeDecodeError:
            raise NotFound from None
        with self._few.one_more(actor.account_id):
            picture = await self._services.remote_pictures.fetch(actor, AccountId(whose), url, _read(proof))
            await answer.whole(200, picture.octets, picture.media_type, _HEADERS)
