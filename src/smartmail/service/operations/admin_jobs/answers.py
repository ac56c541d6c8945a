"""Answers kept for repeated requests: an Idempotency-Key gives the same answer for a day.

STRATEGIES  The key is claimed before the act and the answer kept after it. A claim whose process died ends after CLAIM_MS,
            so that the request can be tried again; the act may then be done twice, as without a key.
LIMITS      MOST keys of one account in a day.
SECURITY    Answers are sealed: some hold a secret that is shown once. Keys belong to the account that sent them.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.errors import RateLimited
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_admin_jobs import AdminJobStore
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.keyring import Keyring

KEPT_MS: Final = DAY
CLAIM_MS: Final = 2 * MINUTE
PAGE: Final = 500
MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a key: the `same` request with its answer, an `other` request, or one that is `running`."""

    kind: Literal["same", "other", "running"]
    status: int = 0
    body: bytes = b""


class AnswerService:
    """Claims keys and keeps answers."""

    def __init__(self, store: AdminJobStore, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def begin(self, actor: Actor, key: str, request: bytes) -> Earlier | None:
        """Claim a key for a request (method, path and body in octets); None when it is to be done now.

        Raises RateLimited (too many keys).
        """
        now, mark = self._clock.now(), hashlib.sha256(request).digest()
        if await self._store.count_answers(actor.account_id) >= MOST:
            raise RateLimited("too many requests with an Idempotency-Key in a day", reason="calls.many")
        kept = await self._store.claim_answer(actor.account_id, _hash(key), mark, now, now + CLAIM_MS)
        if kept is None:
            return None
        if kept.request_hash != mark:
            return Earlier("other")
        if not kept.status or kept.sealed_answer is None:
            return Earlier("running")
        try:
            sealer = await self._keyring.organization(actor.organization_id)
            plain = sealer.open(Kind.ADMIN_ANSWER, kept.sealed_answer, actor.account_id, _hash(key))
        except SealError:
            return Earlier("other")
        return Earlier("same", kept.status, base64.b64decode(json.loads(plain)["body"]))

    async def keep(self, actor: Actor, key: str, status: int, body: bytes) -> None:
        """Keep the answer for a day."""
        sealer = await self._keyring.organization(actor.organization_id)
        plain = json.dumps({"body": base64.b64encode(body).decode()}).encode()
        sealed = sealer.seal(Kind.ADMIN_ANSWER, plain, actor.account_id, _hash(key))
        until = self._clock.now() + KEPT_MS
        await self._store.keep_answer(actor.account_id, _hash(key), status, sealed, until)

    async def drop(self, actor: Actor, key: str) -> None:
        """Give a claim back: nothing was done."""
        await self._store.drop_answer(actor.account_id, _hash(key))

    async def forget(self) -> int:
        """Remove what has expired; a job's work."""
        gone = 0
        while count := await self._store.forget_answers(self._clock.now(), PAGE):
            gone += count
        return gone


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()[:16]
