"""What was judged, counted for the domains that ask for reports (RFC 9990): in memory for seconds, then in the store.

LIMITS   `MAX_KINDS` different rows between two writes; what is beyond them is not counted.
FAILURE  A process that dies loses the counts of `FLUSH_SECONDS`; mail never waits for them.
"""

import asyncio

from smartmail.base import log
from smartmail.domain.authentication import DmarcCount, DmarcPolicy, DmarcRow
from smartmail.domain.inspection import Act
from smartmail.ports.clock import Clock
from smartmail.ports.store_authentication import AuthenticationStore
from smartmail.proto.mailauth.dmarc import DmarcRecord
from smartmail.service.flow.authentication.judging import Judgement
from smartmail.service.kernel.clock import DAY

FLUSH_SECONDS = 5.0
MAX_KINDS = 5_000
MAX_SIGNATURES = 5
_DISPOSITIONS: dict[Act, str] = {"junk": "quarantine", "quarantine": "quarantine", "reject": "reject"}

_Key = tuple[int, DmarcPolicy, DmarcRow]


class DmarcCounter:
    """Counts of one process."""

    def __init__(self, store: AuthenticationStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._counts: dict[_Key, int] = {}
        self._waiting = False
        self._flushing: set[asyncio.Task[None]] = set()

    def count(self, judgement: Judgement, source: str, act: Act, override: str) -> None:
        """Count a message whose domain asks for reports. `override`: why its policy was not done, "" where it was."""
        record = judgement.dmarc.record
        if record is None or not record.aggregate or judgement.dmarc.result not in {"pass", "fail"}:
            return
        key = (self._clock.now() // DAY, published(record), row_of(judgement, source, act, override))
        if key not in self._counts and len(self._counts) >= MAX_KINDS:
            return
        self._counts[key] = self._counts.get(key, 0) + 1
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._begin)

    def _begin(self) -> None:
        self._waiting = False
        task = asyncio.get_running_loop().create_task(self.flush())
        self._flushing.add(task)
        task.add_done_callback(self._flushing.discard)

    async def flush(self) -> None:
        """Write what was counted. What cannot be written is lost, and told."""
        counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            await self._store.count_dmarc([DmarcCount(*key, messages) for key, messages in counts.items()])
        except Exception as error:
            log.event("inspection.failed", step="dmarc-counts", error=type(error).__name__, detail=str(error)[:200])


def published(record: DmarcRecord) -> DmarcPolicy:
    """Return a policy as reports repeat it."""
    return DmarcPolicy(
        record.domain, record.policy, record.subdomain_policy or "", record.nonexistent_policy or "",
        "s" if record.strict_dkim else "r", "s" if record.strict_spf else "r", record.testing,
    )  # fmt: skip


def row_of(judgement: Judgement, source: str, act: Act, override: str) -> DmarcRow:
    """Return how a message was judged."""
    verdict = judgement.dmarc
    disposition = "pass" if verdict.result == "pass" else _DISPOSITIONS.get(act, "none")
    signatures = tuple((one.domain, one.selector, one.result) for one in judgement.dkim if one.domain)
    return DmarcRow(
        source, disposition, "pass" if verdict.dkim_aligned else "fail", "pass" if verdict.spf_aligned else "fail",
        verdict.domain, "" if judgement.is_helo else judgement.spf.domain, signatures[:MAX_SIGNATURES],
        judgement.spf.domain, judgement.spf.result, override,
    )  # fmt: skip
