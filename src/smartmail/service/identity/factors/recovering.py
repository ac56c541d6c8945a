"""A forgotten password by a second channel: a recovery address that its owner has proved to read.

SECURITY    The answer to "I forgot" is the same, and comes as fast, whether the name exists or not: what is done is done
            behind it. A link is good once and for half an hour; it sets a password and opens nothing, and a second factor is
            asked for at the sign-in that follows. The owner is told in the mailbox and at the recovery address.
LIMITS      MOST links an hour for an account.
"""

import asyncio
import hashlib
from dataclasses import replace
from typing import Final

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed, Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.address import Mailbox, normalize, parse
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.identity.auth.credentials import link_purpose
from smartmail.service.identity.factors.challenges import Page
from smartmail.service.identity.factors.notices import FactorNotices, Send
from smartmail.service.identity.factors.step_up import StepUp
from smartmail.service.identity.factors.store import Store
from smartmail.service.kernel.clock import HOUR, MINUTE
from smartmail.service.kernel.keyring import Keyring

LINK_MS: Final = 30 * MINUTE
VERIFY_MS: Final = 24 * HOUR
MOST: Final = 3
PLACE: Final = "recover"
IN_LINE: Final = 50
"""Requests that are worked on behind their answers; beyond it they are dropped, as those about nobody are."""


class Recovering:
    """Recovery addresses, and links to them. `site` is where the pages lie, such as https://mail.example."""

    def __init__(
        self, store: Store, keyring: Keyring, clock: Clock, auth: AuthService, step_up: StepUp, send: Send,
        notices: FactorNotices, site: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._auth = auth
        self._step_up = step_up
        self._send = send
        self._notices = notices
        self._site = site
        self._work: set[asyncio.Task[None]] = set()

    def forgot(self, address: str) -> None:
        """Send a link where there is somewhere to send it; tells nobody whether there was."""
        if len(self._work) < IN_LINE:
            task = asyncio.get_running_loop().create_task(self._quietly(address))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def settle(self) -> None:
        """Return when all links are on their way."""
        while self._work:
            await asyncio.gather(*self._work)

    async def finish(self, token: str, secret: str, page: Page) -> Account:
        """Set the password that a link is for. Raises AuthFailed, WeakPassword (the link stays good)."""
        account = await self._store.account(await self._auth.use_setup_link(token, secret, "reset"))
        record = AuditRecord(self._clock.now(), f"account:{account.id}", "credential.password.reset", f"account:{account.id}", page.origin.address, door=page.origin.door)  # fmt: skip
        await self._store.audit(record)
        await self._notices.changed(account, page, "password_reset")
        if (recovery := await self._recovery(account)) is not None:
            await self._notices.changed(replace(account, login=recovery), page, "password_reset")
        return account

    async def set_address(self, actor: Actor, address: str, page: Page) -> None:
        """Name a recovery address; it counts once the link sent to it was opened. "" removes it.

        Raises ProofNeeded (step-up), Invalid.
        """
        await self._step_up.require(actor)
        account = await self._store.account(actor.account_id)
        state = await self._store.proof_state(account.id)
        sealed = None
        if address:
            address = await self._checked(account, address)
            sealed = (await self._keyring.account(account)).seal_text(Kind.RECOVERY_ADDRESS, address)
        await self._store.put_proof_state(replace(state, sealed_recovery=sealed, recovery_verified_at=None))
        record = AuditRecord(self._clock.now(), actor.named, "recovery.address", f"account:{account.id}", actor.origin.address, door=actor.origin.door)  # fmt: skip
        await self._store.audit(record)
        await self._notices.changed(account, page, "recovery_address")
        if address:
            await self._mail(account, address, "verify", f"verify:{account.id}:{_mark(sealed)}", VERIFY_MS)

    async def verify(self, token: str) -> None:
        """Count a recovery address as proved. Raises AuthFailed."""
        purpose = await self._store.use_once(token_hash(token))
        if purpose is None or not purpose.startswith("verify:"):
            raise AuthFailed(reason="ended")
        _, number, mark = purpose.split(":")
        state = await self._store.proof_state(AccountId(int(number)))
        if mark != _mark(state.sealed_recovery):
            # The link went to an address that was named before: it proves nothing of the one that stands now.
            raise AuthFailed(reason="ended")
        await self._store.put_proof_state(replace(state, recovery_verified_at=self._clock.now()))

    async def shown(self, actor: Actor) -> tuple[str, bool]:
        """Return the actor's own recovery address and whether it was proved; "" for none."""
        account = await self._store.account(actor.account_id)
        state = await self._store.proof_state(account.id)
        return await self._opened(account, state.sealed_recovery) or "", state.recovery_verified_at is not None

    async def tell(self, account: Account, subject: str, text: str) -> bool:
        """Tell somebody by the recovery address, where one was proved; say whether there is one."""
        recovery = await self._recovery(account)
        if recovery is not None:
            await self._send(replace(account, login=recovery), subject, text)
        return recovery is not None

    async def reaches(self, account: Account) -> bool:
        """Say whether somebody has a recovery address that was proved."""
        return await self._recovery(account) is not None

    async def _quietly(self, address: str) -> None:
        try:
            await self._forgot(address)
        except MailError as error:
            log.event("factor.notify_failed", account=0, notice="reset", error=type(error).__name__)

    async def _forgot(self, address: str) -> None:
        login = normalize(address)
        found = (await self._store.resolve([login])).get(login)
        if found is None:
            return
        account, now = await self._store.account(found), self._clock.now()
        recovery = await self._recovery(account)
        if recovery is None or await self._store.strike_factor(found, PLACE, now, now - HOUR) > MOST:
            return
        await self._mail(account, recovery, "reset", link_purpose("reset", account), LINK_MS)

    async def _mail(self, account: Account, to: str, key: str, purpose: str, lifetime: int) -> None:
        token = self._clock.random(24).hex()
        await self._store.put_once(token_hash(token), purpose, self._clock.now() + lifetime)
        language = account.language or "ko"
        # Never the name that a request gave: whoever asks could have the link lead to a place of its own.
        link = f"{self._site}/setup#{token}" if key == "reset" else f"{self._site}/proof#verify={token}"
        subject = translate(language, f"proof.notice.{key}.subject")
        text = translate(language, f"proof.notice.{key}", address=account.login, link=link)
        await self._send(replace(account, login=to), subject, text)

    async def _recovery(self, account: Account) -> str | None:
        state = await self._store.proof_state(account.id)
        return None if state.recovery_verified_at is None else await self._opened(account, state.sealed_recovery)

    async def _opened(self, account: Account, sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        try:
            return (await self._keyring.account(account)).open_text(Kind.RECOVERY_ADDRESS, sealed)
        except SealError:
            return None

    async def _checked(self, account: Account, address: str) -> str:
        found = parse(address.encode("utf-8", "replace"))
        if len(found) != 1 or not isinstance(found[0], Mailbox) or found[0].address != address or "@" not in address:
            raise Invalid("that is no mail address", reason="address.form", address=address)
        login = normalize(address)
        if login in await self._store.addresses(account.id):
            raise Invalid("the recovery address must be another mailbox", reason="recovery.other")
        return login


def _mark(sealed: bytes | None) -> str:
    """Return what a link is bound to: this naming of an address, for each is sealed anew."""
    return hashlib.sha256(sealed or b"").hexdigest()[:16]
