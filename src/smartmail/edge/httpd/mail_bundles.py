"""Several messages at once over HTTP: POST /bundles/{accountId} with their ids → one ZIP of .eml files.

SECURITY  As a download of one original: a session of our own page, policy, a sandboxed attachment. What the person may is
          asked again while octets go out (service.mailbox.parcels.bundling).
LIMITS    Two at once for each person; the body names at most 1,000 messages.
"""

from typing import Annotated, Final

import msgspec

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd import security
from smartmail.edge.httpd.blobs import disposition
from smartmail.edge.httpd.few_at_once import FewAtOnce
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.parcels.bundling import MOST_MESSAGES

PATH: Final = "/bundles/"
AT_ONCE: Final = 2
_MAX_BODY: Final = 64 << 10


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    """Which messages, in the order in which they stand in the archive."""

    ids: Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=MOST_MESSAGES)]


class BundleDoor:
    """The handler."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._few = FewAtOnce(AT_ONCE)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("POST", f"{PATH}*", self.give)]

    async def give(self, request: Request, answer: Answer) -> None:
        """POST: the archive of the named messages."""
        services = self._services
        actor = await security.authenticate(services.auth, request)
        use = services.defence.accounts.use(actor)
        await use.command()
        account = ids.parse(ids.ACCOUNT, request.path.removeprefix(PATH))
        if account is None:
            raise NotFound
        try:
            wish = msgspec.json.decode(await request.body(_MAX_BODY), type=_Wish)
        except msgspec.MsgspecError as error:
            raise Invalid(str(error)[:200]) from None
        numbers = [number for text in wish.ids if (number := ids.parse(ids.EMAIL, text)) is not None]
        with self._few.one_more(actor.account_id):
            bundles = services.parcels.bundles
            bundle = await bundles.open(actor, AccountId(account), [MessageId(one) for one in numbers])
            await answer.start(200, [
                ("content-type", "application/zip"), ("content-disposition", disposition("mail.zip")),
                ("content-security-policy", "sandbox; default-src 'none'"), ("cache-control", "private, no-store"),
            ])  # fmt: skip
            async for piece in bundles.pieces(bundle):
                # A policy that closes this, or a login that ends, ends a download that runs: the archive stays without
                # its directory, so that nobody takes it for whole.
                if not await bundles.still_may(actor) or not await security.still_stands(services.auth, request, actor):
                    raise Disconnected
                await answer.piece(piece)
                await use.note(read=len(piece))
            await answer.piece(b"", last=True)
