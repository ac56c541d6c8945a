"""All attachments of a message: GET /jmap/files/{accountId}/{emailId}/{name} → one ZIP.

SECURITY  As a download of one attachment, which service.people.saving allows; a sandboxed attachment that stays in no cache. A
          login that ends, or a policy that closes this, ends a download that runs.
LIMITS    Two at once for each person; those of service.mailbox.files_together.
"""

from typing import Final

from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd import security
from smartmail.edge.httpd.blobs import disposition
from smartmail.edge.httpd.few_at_once import FewAtOnce
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.routes import Handler
from smartmail.edge.httpd.wire import Answer, Disconnected, Request
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.files_together import FilesOfMessage

PATH: Final = "/jmap/files/"
AT_ONCE: Final = 2


class FilesDoor:
    """The handler."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._few = FewAtOnce(AT_ONCE)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, path, handler)."""
        return [("GET", f"{PATH}*", self.give)]

    async def give(self, request: Request, answer: Answer) -> None:
        """GET: the archive, under the name that the path ends with."""
        services = self._services
        actor = await security.authenticate(services.auth, request)
        use = services.defence.accounts.use(actor)
        await use.command()
        account, _, rest = request.path.removeprefix(PATH).partition("/")
        email, _, name = rest.partition("/")
        account_id, message_id = ids.parse(ids.ACCOUNT, account), ids.parse(ids.EMAIL, email)
        if account_id is None or message_id is None:
            raise NotFound
        with self._few.one_more(actor.account_id):
            found = await services.files_together.find(actor, AccountId(account_id), MessageId(message_id))
            await self._require(actor, AccountId(account_id), found)
            await services.files_together.record(actor, AccountId(account_id), found)
            await answer.start(200, [
                ("content-type", "application/zip"), ("content-disposition", disposition(name or "files.zip")),
                ("content-security-policy", "sandbox; default-src 'none'"), ("cache-control", "private, no-store"),
            ])  # fmt: skip
            async for piece in services.files_together.pieces(found):
                if not await self._still_may(request, actor, AccountId(account_id), found):
                    raise Disconnected
                await answer.piece(piece)
                await use.note(read=len(piece))
            await answer.piece(b"", last=True)

    async def _require(self, actor: Actor, account_id: AccountId, found: FilesOfMessage) -> None:
        """Raise Forbidden where attachments may not be saved."""
        await self._services.saving.require(actor, account_id, found.message.row.blob_id, whole=False)

    async def _still_may(self, request: Request, actor: Actor, account_id: AccountId, found: FilesOfMessage) -> bool:
        try:
            await self._require(actor, account_id, found)
        except Forbidden:
            return False
        return await security.still_stands(self._services.auth, request, actor)
