"""Exits at which nobody can be asked: mail that filters redirect or answer, that lists and forwards hand on.

STRATEGIES  Nobody is there who could wait, give a reason or look for an approver. So whatever a rule asks for beyond a record
            stops such a letter, and an incident says so.
FAILURE     Where the rules cannot be read: Unavailable, and the work is done again later.
Must not know how a stopped letter is told of.
"""

from collections.abc import Sequence
from typing import Final

from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import SEVERITY, Exit
from smartmail.formats import summary as summaries
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.summary import Summary
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs
from smartmail.service.protection.leaks.files import summary_of_file
from smartmail.service.protection.leaks.incidents import Incidents
from smartmail.service.protection.leaks.judging import LeakJudge
from smartmail.service.protection.leaks.letter import OutgoingLetter, Read

_CHUNK: Final = 1 << 18


class AutomaticLeaks:
    """Judges letters that no person sends now."""

    def __init__(self, judge: LeakJudge, incidents: Incidents, blobs: SealedBlobs) -> None:
        self._judge = judge
        self._incidents = incidents
        self._blobs = blobs

    async def stops(self, letter: OutgoingLetter) -> bool:
        """Say whether a rule stops a letter; what matched is an incident then. Raises NotFound (account), Unavailable."""
        verdict = await self._judge.leaving(letter)
        if not verdict.matched and verdict.action is None:
            return False
        stopped = verdict.action is not None and SEVERITY[verdict.action.kind] > SEVERITY["log"]
        await self._incidents.note(letter, verdict, "block" if stopped else "log")
        return stopped

    async def stops_message(
        self, account_id: AccountId, way: Exit, sender: str, recipients: Sequence[str], message: bytes
    ) -> bool:
        """The same for a message that is at hand. Raises as `stops`."""
        if not await self._judge.has_rules():
            return False
        scanner = Scanner()
        scanner.feed(message)

        async def read(start: int, length: int) -> bytes:
            return message[start : start + length]

        summary = summaries.build(scanner.finish())
        return await self.stops(OutgoingLetter(account_id, way, sender, recipients, summary, read, automatic=True))

    async def stops_blob(
        self, account_id: AccountId, way: Exit, sender: str, recipients: Sequence[str], blob: SealedBlob, strip: int,
        summary: Summary | None = None,
    ) -> bool:  # fmt: skip
        """The same for a message in a blob behind `strip` bytes of ours; a summary that is given counts from the blob's beginning.
        Raises as `stops`, and SealError.
        """
        if not await self._judge.has_rules():
            return False

        async def read(start: int, length: int) -> bytes:
            return await self._blobs.read(blob.row, blob.organization_id, blob.data_key, start, length)

        async def behind(start: int, length: int) -> bytes:
            return await read(strip + start, length)

        letter = OutgoingLetter(
            account_id, way, sender, recipients, summary or await _scanned(behind, blob.row.size - strip),
            read if summary else behind, automatic=True,
        )  # fmt: skip
        return await self.stops(letter)

    async def stops_file(
        self, account_id: AccountId, way: Exit, sender: str, recipients: Sequence[str], name: str, media_type: str,
        size: int, read: Read, *, whole: bool = True,
    ) -> bool:  # fmt: skip
        """The same for a file of `size` bytes that leaves by itself; not `whole`: nobody can look into it. Raises as `stops`."""
        if not await self._judge.has_rules():
            return False
        summary = summary_of_file(name, media_type, size, whole=whole)
        return await self.stops(OutgoingLetter(account_id, way, sender, recipients, summary, read))


async def _scanned(read: Read, size: int) -> Summary:
    scanner = Scanner()
    for start in range(0, size, _CHUNK):
        scanner.feed(await read(start, min(_CHUNK, size - start)))
    return summaries.build(scanner.finish())
