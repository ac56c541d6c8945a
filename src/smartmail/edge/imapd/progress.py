"""INPROGRESS: a client that waits for a long command hears how far it is (RFC 9585)."""

import asyncio

from smartmail.edge.imapd.dialog import Dialog
from smartmail.proto.imap import wire

INTERVAL_S = 10.0
"""RFC 9585 §4 asks for no more than one in some ten seconds."""


class Progress:
    """Tells of one command; cheap to ask often."""

    def __init__(self, dialog: Dialog) -> None:
        self._dialog = dialog
        self._clock = asyncio.get_running_loop().time
        self._next = self._clock() + INTERVAL_S

    async def __call__(self, done: int, goal: int) -> None:
        if self._clock() < self._next:
            return
        self._next = self._clock() + INTERVAL_S
        tag = self._dialog.engine.tag
        # RFC 9585 §4: a tag that would end the response code is left out.
        told = b"NIL" if b"]" in tag else wire.quoted(tag)
        code = b"INPROGRESS (%b %d %d)" % (told, done, goal)
        await self._dialog.write(wire.condition(b"OK", "still at work", code))

    async def behind(self, messages: int) -> None:
        """RFC 3501 §7.1.2: an untagged NO warns, the command goes on."""
        await self._dialog.write(wire.condition(b"NO", f"{messages} messages are not indexed yet", b""))
