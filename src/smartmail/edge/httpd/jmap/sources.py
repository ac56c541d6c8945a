"""Messages of an account as `properties` wants them: rows, summaries, places and keywords in four look-ups."""

from collections.abc import Sequence

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call
from smartmail.edge.httpd.jmap.properties import Read, Source
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.mailstore.keywords import bit_names
from smartmail.service.mailbox.mailstore.reading import OpenMessage


async def load(call: Call, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, Source]:
    """Return those messages that exist and that some placement shows, in the order asked."""
    return await load_for(call.context.services, call.context.actor, account_id, message_ids)


async def load_for(
    services: Services, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
) -> dict[MessageId, Source]:
    """As `load`, for those who have no call."""
    opened = await services.reading.messages(actor, account_id, message_ids)
    placed = await services.reading.placed(actor, account_id, [one.row.id for one in opened])
    tagged = any(one.row.keywords.tags for one in opened)
    names = await services.keywords.names(account_id) if tagged else {}
    out: dict[MessageId, Source] = {}
    for one in opened:
        row = one.row
        if row.id not in placed:
            continue
        keywords = bit_names(row.keywords.bits) + [names[tag] for tag in row.keywords.tags if tag in names]
        blob = ids.BlobName(row.blob_id)
        read = _reader(services, actor, account_id, one)
        boxes = sorted(placed[row.id])
        out[row.id] = Source(one.summary, blob, ids.show_blob(row.blob_id), read, row, boxes, keywords)
    return out


def _reader(services: Services, actor: Actor, account_id: AccountId, one: OpenMessage) -> Read:
    async def read(start: int, length: int) -> bytes:
        shows = start + length > one.summary.header_size
        return await services.reading.octets(actor, account_id, one.row.id, start, length, shows=shows)

    return read
