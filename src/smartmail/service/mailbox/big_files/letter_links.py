"""The links that went out with one mail, and their end when the mail is taken back (product row B8: one act ends them too).

STRATEGIES  A link that was made of an attachment knows its mail by the Message-ID (converting). A link that its owner put into the text
            is found by its token there.
LIMITS      Of a text part MAX_TEXT bytes are looked at; a file of TEXT_PARTS parts of text is no letter.
SECURITY    Only links of the actor's own account; a token of another account in the text is passed over.
Must not know who may take a mail back.
"""

import re
from collections.abc import Iterable
from typing import Final

from smartmail.domain.principal import Actor
from smartmail.formats.mime.transfer import decode_body
from smartmail.service.mailbox.big_files.links import PATH, BigLinks, HeldLink
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService

MAX_TEXT: Final = 1 << 20
TEXT_PARTS: Final = 20
_TOKEN: Final = re.compile(re.escape(PATH).encode() + rb"([A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])")


class LetterLinks:
    """Finds and ends them."""

    def __init__(self, links: BigLinks, reading: ReadingService) -> None:
        self._links = links
        self._reading = reading

    async def end(self, actor: Actor, letter: OpenMessage) -> list[HeldLink]:
        """End every link of a mail of the actor's that still opens; return all that went out with it, as they were before."""
        named = set(letter.summary.ids.message_id[:1])
        tokens = set(await self._tokens(actor, letter))
        held = [
            one for one in await self._links.list_all(actor) if one.text.letter in named or one.text.token in tokens
        ]
        for one in held:
            if not one.row.revoked_at:
                await self._links.change(actor, one.row.id, revoked=True)
        return held

    async def _tokens(self, actor: Actor, letter: OpenMessage) -> Iterable[str]:
        found: list[str] = []
        texts = [one for one in letter.summary.parts if one.type.startswith("text/") and not one.nested]
        reader = await self._reading.reader(actor, actor.account_id, letter.row.blob_id, shows=False)
        for part in texts[:TEXT_PARTS]:
            body = await reader.read(part.body_start, min(part.body_end - part.body_start, MAX_TEXT))
            found += [one.decode("ascii") for one in _TOKEN.findall(decode_body(body, part.encoding))]
        return found
