"""NAME
    shredding: keys of many accounts destroyed in one transaction, with the register's entry (BR-22)

STRATEGIES
    What lies under an account's key opens no more once the wrapped key is overwritten: summaries, names, search texts, data
    keys. Credentials, sessions and names of people go in the same transaction. With the whole company its own key and that
    of its queue go too. A key backup has a life of its own (docs/adr/0040), so older backups follow within it.

LIMITS
    One transaction for all of them: a thousand accounts take well under a second. Every process asks the store for an
    account's row before it uses its key, and keeps a company's row for a second at most (service.kernel.keyring).

SECURITY
    Permission `destruction.run` over the company; a legal hold on any of the accounts refuses all. Whether they are closed,
    and whether two persons are needed, is its caller's to say.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, Literal

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, StateMismatch
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.records import Destruction
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth import AuthService
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.operations.keys.store import Store

METHOD: Final = "key destroyed (AES-256-GCM)"
MOST: Final = 20_000


class Shredding:
    """Destroys keys."""

    def __init__(
        self, store: Store, authority: Authority, keyring: Keyring, auth: AuthService, texts: RecordTexts, clock: Clock
    ) -> None:
        self._store = store
        self._authority = authority
        self._keyring = keyring
        self._auth = auth
        self._texts = texts
        self._clock = clock

    async def shred(
        self, actor: Actor, home: OrganizationId, accounts: Sequence[Account], *, kind: Literal["account", "domain", "organization"], subject: str, ground: str,
        reason: str, consent: str = "", whole: bool = False,
    ) -> int:  # fmt: skip
        """Destroy the keys of accounts of a company, with `whole` also the company's own; return the register's number.

        `kind` and `subject` name the entry ("domain", "domain:a.example"). All or nothing.
        Raises Forbidden, Invalid (nothing to destroy, too many, another company's, a hold, no ground or reason).
        """
        await self._authority.require(actor, "destruction.run", Scope("organization", str(int(home))))
        living = [one for one in accounts if one.wrapped_key]
        if not ground.strip() or len(living) > MOST or any(one.organization_id != home for one in accounts):
            raise Invalid(
                f"a ground, accounts of one company and at most {MOST} of them are needed",
                reason="shred.form",
                most=MOST,
            )
        if not living and not whole:
            raise Invalid("their keys were destroyed before", reason="key.destroyed")
        now = self._clock.now()
        counts = {
            "accounts": len(living), "messages": sum(one.messages for one in living), "octets": sum(one.used for one in living),
        }  # fmt: skip
        company = await self._store.organization(home)
        gone = [one.wrapped_key for one in living] + ([company.wrapped_key] if whole else [])
        entry = Destruction(
            0, home, now, kind, subject, ground.strip(), actor.named, consent, METHOD, counts,
            tuple(hashlib.sha256(one).hexdigest() for one in gone), None,
        )  # fmt: skip
        # Words of a company's records lie under its key: where that goes, they would go at once.
        detail = {"reason": given_reason(reason), "ground": entry.ground}
        text = await self._texts.seal(None if whole else home, "keys.destroy", subject, now, detail)
        audit = AuditRecord(now, actor.named, "keys.destroy", subject, actor.origin.address, text, actor.origin.door)
        try:
            number = await self._store.destroy_keys([one.id for one in living], home if whole else None, entry, audit)
        except StateMismatch as error:
            raise Invalid("a legal hold keeps one of them", reason="hold.keeps") from error
        for one in living:
            self._keyring.forget(one.id)
        for one in await self._store.accounts(home):
            if not one.wrapped_key:
                self._auth.changed(one)
        log.event("key.shredded", accounts=len(living), register=number)
        return number
