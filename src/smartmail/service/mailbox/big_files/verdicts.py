"""The verdict on a big file before anybody fetches it, and again while it can be fetched.

STRATEGIES  The file is read once for its SHA-256 and its first octets; the filter's own checks judge name and content as
            they judge attachments, by the same weights and the owner's threshold for quarantine. Engines get it whole
            where it fits them, else in windows that overlap, so that each octet is seen.
LIMITS      One file at a time in a process. `AGAIN_MS`: how old the verdict of a file with a living link may be.
FAILURE     A file that an engine could not look at waits where that engine's settings say `hold`; the job tries again.
            A claim of `CLAIM_MS`, renewed while the work goes on, keeps two processes from the same file.
SECURITY    Until there is a verdict nothing is given out; a later one that is worse ends all links at once.
"""

import asyncio
import hashlib
from functools import partial
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.big_files import BigFile, FileState
from smartmail.domain.errors import MailError, NotFound, Unavailable
from smartmail.formats import file_names
from smartmail.formats.file_names import FileSign
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector
from smartmail.ports.scan import EngineSettings, ScanEnvelope, ScanFailed
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.big_files.contents import Contents
from smartmail.service.mailbox.big_files.store import Store
from smartmail.service.mailbox.big_files.texts import FileKeys, FileText, OpenFile, seal_file
from smartmail.service.protection.filtering.engines import Engines
from smartmail.service.protection.filtering.rules.table import WEIGHTS

AGAIN_MS: Final = DAY
CLAIM_MS: Final = MINUTE
AT_ONCE: Final = 20
HEAD: Final = 40_000
OPENED: Final = 20 << 20
"""What is larger is not unpacked; engines see it all the same."""
OVERLAP: Final = 1 << 16


class Verdicts:
    """Finds them."""

    def __init__(
        self, store: Store, keys: FileKeys, contents: Contents, engines: Engines, dissector: Dissector,
        policy: PolicyService, clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._keys = keys
        self._contents = contents
        self._engines = engines
        self._dissector = dissector
        self._policy = policy
        self._clock = clock
        self._one = asyncio.Lock()
        self._begun: set[asyncio.Task[None]] = set()

    def begin(self, file_id: bytes) -> None:
        """Judge a file that is whole, beside everything else."""
        task = asyncio.get_running_loop().create_task(self.examine(file_id))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    async def settle(self) -> None:
        """Return when what was begun has ended."""
        await asyncio.gather(*self._begun, return_exceptions=True)

    async def stop(self) -> None:
        """Leave what was begun to the job; before the store closes."""
        for task in self._begun:
            task.cancel()
        await self.settle()

    async def turn(self) -> None:
        """Judge what waits for a verdict, then what has an old one."""
        now = self._clock.now()
        for row in await self._store.big_files_in("checking", now - CLAIM_MS, AT_ONCE):
            await self._judged(row)
        for row in await self._store.big_files_in("ready", now - AGAIN_MS, AT_ONCE):
            await self._judged(row)

    async def examine(self, file_id: bytes) -> None:
        """Judge one file that is whole. Failures are logged; the job tries again."""
        row = await self._store.big_file(file_id)
        if row is not None and row.state == "checking":
            await self._judged(row)

    async def _judged(self, row: BigFile) -> None:
        async with self._one:
            try:
                await self._judge(row)
            except (MailError, SealError, ScanFailed) as error:
                log.event("scan.failed", engine="big-files", detail=str(error) or type(error).__name__)

    async def _judge(self, row: BigFile) -> None:
        if not await self._claim(row):
            return
        file = await self._keys.open(row)
        sha256, head = await self._read(file)
        signs = await self._signs(file, head)
        found = await self._weighed(file, signs) or await self._scanned(file)
        text = FileText(file.text.name, file.text.media_type, sha256, found, tuple(one.sign for one in signs))
        state: FileState = "refused" if found else "ready"
        now = self._clock.now()
        record = None
        if found or row.state == "checking":
            record = AuditRecord(now, "system", f"big-file.{state}", f"big-file:{row.id.hex()}")
        await self._store.change_big_file(row.id, [row.state], state, seal_file(file.keys, row.id, text), now, record)

    async def _claim(self, row: BigFile) -> bool:
        fresh = await self._store.big_file(row.id)
        if fresh is None or fresh.state != row.state or fresh.checked_at != row.checked_at:
            return False
        if row.state != "checking":
            return True
        return await self._store.change_big_file(row.id, ["checking"], "checking", row.sealed, self._clock.now())

    async def _read(self, file: OpenFile) -> tuple[str, bytes]:
        digest, head, claimed = hashlib.sha256(), bytearray(), self._clock.now()
        async for piece in self._contents.pieces(file):
            await asyncio.to_thread(digest.update, piece)
            head += piece[: max(0, HEAD - len(head))]
            if file.row.state == "checking" and self._clock.now() - claimed > CLAIM_MS // 3:
                claimed = self._clock.now()
                if not await self._store.change_big_file(
                    file.row.id, ["checking"], "checking", file.row.sealed, claimed
                ):
                    raise NotFound(detail="the file went while it was looked at")
        return digest.hexdigest(), bytes(head)

    async def _signs(self, file: OpenFile, head: bytes) -> list[FileSign]:
        name, media_type = file.text.name, file.text.media_type
        signs = dict.fromkeys([*file_names.signs_of_name(name), *file_names.signs_of_head(head, name)])
        if file.row.size <= OPENED and file_names.worth_opening(head, media_type, name):
            octets = b"".join([piece async for piece in self._contents.pieces(file)])
            try:
                signs.update(dict.fromkeys(await self._dissector.signs_of(media_type, name, octets)))
            except Unavailable:
                signs[FileSign("unbounded")] = None
        return [one for one in signs if one.sign != "qr"]

    async def _weighed(self, file: OpenFile, signs: list[FileSign]) -> str:
        """Return the sign that weighs most where all together are too much, else ""."""
        account = await self._store.account(file.row.account_id)
        most = await self._policy.value(account, knobs.SPAM_QUARANTINE_SCORE)
        weights = {one.sign: WEIGHTS.get(f"file-{one.sign}") or 0.0 for one in signs}
        if not most or sum(weights.values()) < most:
            return ""
        return max(weights, key=lambda sign: weights[sign])

    async def _scanned(self, file: OpenFile) -> str:
        """Return what an engine found, else "". Raises ScanFailed."""
        for engine in await self._engines.engines():
            if engine.kind == "rspamd":  # judges mail, not files
                continue
            try:
                found = await self._by(engine, file)
            except ScanFailed:
                if engine.on_failure == "hold":
                    raise
                continue
            if found:
                return found
        return ""

    async def _by(self, engine: EngineSettings, file: OpenFile) -> str:
        size = file.row.size
        step = max(OVERLAP, engine.max_octets - OVERLAP)
        for start in range(0, size, step) if size > engine.max_octets else (0,):
            end = min(size, start + engine.max_octets)
            octets = partial(self._contents.pieces, file, start, end)
            verdict = await self._engines.scan(engine, end - start, octets, ScanEnvelope(), engine.seconds)
            if verdict.infected:
                return verdict.virus
            if end == size:
                break
        return ""
