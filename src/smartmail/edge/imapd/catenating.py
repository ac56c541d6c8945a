"""The parts of CATENATE that a URL names (RFC 4469 §4): read from the actor's own view of mail."""

from collections.abc import AsyncIterator

from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import Uid
from smartmail.domain.principal import Actor
from smartmail.edge.imapd.places import locate
from smartmail.edge.imapd.sections import MessageSections
from smartmail.proto.imap.urls import MessageUrl, parse_url
from smartmail.service.catalogue import Services


class BadUrlError(Invalid):
    """The URL names nothing that this person may read. `url`: as it came."""

    def __init__(self, url: str) -> None:
        super().__init__("that part cannot be read")
        self.url = url


async def octets_of(services: Services, actor: Actor, url: str) -> AsyncIterator[bytes]:
    """Read what a URL names, piece by piece. Raises BadUrlError."""
    parsed = parse_url(url)
    if parsed is None or parsed.user not in {None, "", actor.login}:
        raise BadUrlError(url)
    try:
        message = await _message(services, actor, parsed)
        async for piece in message.octets(parsed.section):
            yield piece
    except MailError:
        raise BadUrlError(url) from None


async def _message(services: Services, actor: Actor, url: MessageUrl) -> MessageSections:
    """Raises errors of the catalogue."""
    place = await locate(services, actor, url.mailbox)
    if url.uidvalidity not in {None, place.mailbox.row.uidvalidity}:
        raise NotFound
    line = (await services.views.open(actor, place.account_id, place.mailbox.row.id)).entry(Uid(url.uid))
    if line is None:
        raise NotFound
    readers = await services.reading.readers(actor, place.account_id, [line.message_id])
    summaries = await services.reading.summaries(actor, place.account_id, [line.message_id])
    if line.message_id not in readers or line.message_id not in summaries:
        raise NotFound
    message = MessageSections(readers[line.message_id], summaries[line.message_id], [url.section])
    if not message.has(url.section):
        raise NotFound
    return message
