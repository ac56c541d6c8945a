"""The ends of all chains, kept sealed outside the database, so that a database that was put back does not go unnoticed.

STRATEGIES  Written after chaining, at most once in EVERY; an end is replaced only by one behind it, so a database that was put
            back does not take with it what is known of it. The first start after that compares, tells, and begins anew.
LIMITS      What was chained since the last writing is not known. Each node keeps what it has chained itself.
SECURITY    The seal is the installation's: whoever has the disk can put this file back too, and cannot make one.
FAILURE     A place that cannot be written is told to the log once; chaining goes on.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import INSTALLATION, AuditAnchor, AuditFinding, AuditHead
from smartmail.domain.errors import MailError
from smartmail.domain.ids import OrganizationId
from smartmail.formats.seal import Purpose
from smartmail.ports.anchors import HeadPlace
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring

EVERY: Final = 5 * SECOND
_Ends = dict[OrganizationId, AuditAnchor]


class KeptHeads:
    """What one process keeps of the ends."""

    def __init__(self, keyring: Keyring, clock: Clock, place: HeadPlace) -> None:
        self._keyring = keyring
        self._clock = clock
        self._place = place
        self._written_at = 0
        self._noted: dict[OrganizationId, int] = {}
        self._failed = False

    async def note(self, heads: Mapping[OrganizationId, AuditHead]) -> None:
        """Keep the newest ends, if it is time to and there are newer ones."""
        now = self._clock.now()
        if not heads or now - self._written_at < EVERY:
            return
        self._written_at = now
        lengths = {home: head.length for home, head in heads.items()}
        if lengths == self._noted:
            return
        try:
            # Read each time: a start may have put it aside, and another process of this node may have written.
            known = await self._read()
            newer = {
                home: AuditAnchor(home, head.length, head.digest)
                for home, head in heads.items()
                if home not in known or known[home].seq < head.length
            }
            if newer:
                await self._place.keep(self._sealed(known | newer))
            self._noted, self._failed = lengths, False
        except (MailError, ValueError) as error:
            if not self._failed:
                log.event("audit.heads_failed", detail=getattr(error, "detail", "") or str(error))
            self._failed = True

    async def ends(self) -> tuple[list[AuditAnchor], list[AuditFinding]]:
        """Return what is kept, and what is wrong with it. A place that is away keeps nothing."""
        try:
            return list((await self._read()).values()), []
        except ValueError as error:
            about = f"the ends of chains beside the master key: {error}"
            return [], [AuditFinding(INSTALLATION, "forged", 0, 0, about)]
        except MailError as error:
            log.event("audit.heads_failed", detail=error.detail)
            return [], []

    async def begin_anew(self) -> None:
        """Put what was kept aside: it is evidence, and no longer what this installation goes on from. Raises Unavailable."""
        await self._place.put_aside(f"before-{self._clock.now()}")

    async def _read(self) -> _Ends:
        return _told(await self._place.kept(), self._seal)

    def _sealed(self, known: Mapping[OrganizationId, AuditAnchor]) -> bytes:
        body = json.dumps([[one.organization_id, one.seq, one.digest.hex()] for one in known.values()])
        return json.dumps({"heads": body, "seal": self._seal(body).hex()}).encode() + b"\n"

    def _seal(self, body: str) -> bytes:
        return self._keyring.installation_mac(Purpose.AUDIT_HEADS, body.encode())


def _told(octets: bytes, seal: Callable[[str], bytes]) -> _Ends:
    """Return what a file tells. Raises ValueError where it is none, or its seal is not ours."""
    if not octets:
        return {}
    try:
        kept = json.loads(octets)
        body = str(kept["heads"])
        if seal(body).hex() != kept["seal"]:
            raise ValueError("the seal is not of this installation")
        rows = [
            AuditAnchor(OrganizationId(int(one)), int(seq), bytes.fromhex(text)) for one, seq, text in json.loads(body)
        ]
    except (KeyError, TypeError) as error:
        raise ValueError("the file holds no ends of chains") from error
    return {one.organization_id: one for one in rows}
