"""Hashes of main passwords that other systems made (MG-15): kept sealed, tried, replaced at the first login.

STRATEGIES  A hash is an account's main password until its owner logs in with it: then our own verifier takes its place, in
            one commit with the record. Until then for WINDOW_MS at most, so that old schemes die out by themselves.
SECURITY    Schemes cost different times, and an account of ours none of them. While there are any hashes in the house every
            check takes at least FLOOR_S, whatever the account has, and does our own work as well: nobody outside learns which
            accounts came from elsewhere, nor how. A text is sealed under its account's key; a weak one makes its owner
            choose another password at once.
Must not know doors, nor where a hash came from.
"""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.domain.account import Account, Credential
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Invalid
from smartmail.formats import password_hash
from smartmail.formats.password_hash import ForeignHash, HashError
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import CredentialStore
from smartmail.ports.store_factors import FactorStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring


class _Store(CredentialStore, FactorStore, SettingStore, Protocol): ...


WINDOW_MS: Final = 180 * DAY
FLOOR_S: Final = 0.4
"""More than the dearest hash that is taken in costs (formats.password_hash), and our own."""
SCOPE: Final = "auth"
UNTIL: Final = "imported hashes until"


@dataclass(frozen=True, slots=True)
class Main:
    """The main password of an account, to be tried: our own verifier, or another system's hash."""

    id: int
    verifier: str
    foreign: ForeignHash | None = None


def read_hash(text: str, *, weak_too: bool) -> ForeignHash:
    """Read a hash that may be taken in. Raises Invalid."""
    try:
        found = password_hash.read(text)
    except HashError as error:
        raise Invalid(f"the password hash cannot be used: {error.code}", reason="hash.form") from None
    if found.weak and not weak_too:
        raise Invalid("the password hash cannot be used: weak", reason="hash.form")
    return found


class ImportedHashes:
    """Keeps them, opens them, replaces them."""

    def __init__(self, store: _Store, clock: Clock, keyring: Keyring) -> None:
        self._store = store
        self._clock = clock
        self._keyring = keyring

    async def floor(self) -> float:
        """Return how many seconds a check takes at least: none where no hash waits for its owner."""
        until = await self._store.setting(SCOPE, UNTIL)
        return FLOOR_S if until is not None and self._clock.now() < int(until) else 0.0

    async def main(self, account: Account | None, row: Credential | None) -> Main | None:
        """Return what a secret is tried against, None for nothing."""
        if account is None or row is None:
            return None
        if row.sealed_hash is None:
            return Main(row.id, row.verifier)
        try:
            keys = await self._keyring.account(account)
            text = keys.open_text(Kind.PASSWORD_HASH, row.sealed_hash, row.created_at)
            return Main(row.id, "", password_hash.read(text))
        except (SealError, HashError):
            # Such as after the account's key was destroyed: nothing fits.
            return None

    async def keep(self, account: Account, one: ForeignHash) -> Credential:
        """Make a hash the main password of an account that has none. Raises AlreadyExists."""
        if any(row.kind == "password" for row in await self._store.credentials(account.id)):
            raise AlreadyExists("the account has a password already", reason="password.there")
        now = self._clock.now()
        until = now + WINDOW_MS
        # Before the hash is there: no process checks it in its own time.
        await self._store.put_setting(SCOPE, UNTIL, str(until))
        sealed = (await self._keyring.account(account)).seal_text(Kind.PASSWORD_HASH, one.text, now)
        return await self._store.put_credential(
            Credential(0, account.id, "password", "", now, until, sealed_hash=sealed)
        )

    async def renew(self, account: Account, row: Credential, verifier: str) -> Credential:
        """Put our own verifier in the place of a hash whose owner has come; return the credential as it is then."""
        record = AuditRecord(
            self._clock.now(), f"account:{account.id}", "credential.password.renewed",
            f"account:{account.id} credential:{row.id}",
        )  # fmt: skip
        await self._store.renew_imported(account.id, row.id, verifier, record)
        return replace(row, verifier=verifier, sealed_hash=None, expires_at=None)
