"""A mailbox of 100,000 messages of one person of the demo company, put straight into the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from tests.e2e.company import letter

from smartmail.domain.ids import MessageId, ModSeq
from smartmail.domain.keywords import NONE, SEEN, Keywords
from smartmail.domain.principal import system_actor
from smartmail.domain.search import SearchChange
from smartmail.formats import summary as summaries
from smartmail.service.kernel.intake import Intake, new_message

if TYPE_CHECKING:
    from smartmail.app.node import Node

WANG = "wang.fang@hanbit-trading.example"
COUNT = 100_000
BATCH = 2_000
MINUTE_MS = 60_000
_AHEAD = ModSeq(1 << 40)


def subject_at(row: int) -> str:
    """Return the subject of a row, counted from the newest."""
    return f"보고 {COUNT - 1 - row:,} 번"


async def fill(node: Node) -> None:
    """Put in 100,000 different messages; their octets are those of a few, which nobody opens here."""
    services = node.services
    account = next(one for one in await services.directory.accounts() if one.login == WANG)
    actor = system_actor(account.id, account.organization_id)
    # Nobody searches here: to index these would keep the node busy for minutes beside other stories.
    state = await node.store.search_state(account.id)
    ahead = SearchChange(cursor=(_AHEAD, MessageId(0)), gone=_AHEAD)
    await node.store.search_apply(account.id, state.generation, ahead)
    inbox = (await services.mailboxes.by_role(actor, account.id, "inbox")).row.id
    keys = await services.messages._keyring.account(account)
    contents = []
    for number in range(50):
        intake: Intake = await services.messages.begin(actor, account.id)
        await intake.feed(letter(WANG, f"분기 보고 {number}", "본문입니다. " * number))
        contents.append(await intake.finish())
    now = node.clock.now()

    def message(at: int) -> object:
        content = contents[at % len(contents)]
        ids = msgspec.structs.replace(content.summary.ids, message_id=(f"{at}@bench.test",))
        summary = msgspec.structs.replace(
            content.summary, subject=f"보고 {at:,} 번", packed_ids=msgspec.msgpack.encode(ids)
        )
        read = NONE if at % 7 == 0 else Keywords(SEEN)
        changed = replace(content, summary=summary, encoded=summaries.encode(summary))
        when = now - (COUNT - at) * MINUTE_MS
        return new_message(keys, changed, (inbox,), received_at=when, keywords=read)

    for start in range(0, COUNT, BATCH):
        batch = [message(at) for at in range(start, start + BATCH)]

        async def store(tx: object, batch: list[object] = batch) -> None:
            for one in batch:
                await tx.add_message(one)  # type: ignore[attr-defined]

        await node.store.write(account.id, store)
