"""The store's part for second factors, logins on their way, known devices, old passwords, consents.

Rules that every driver keeps, proved by tests/contract/test_store_factors.py:

- An answer is tried once: `try_challenge` counts it and takes the nonce away in the transaction that reads it, so that of
  two processes with the same answer one gets the nonce.
- A factor's counter only rises: `use_factor` says no to one that does not.
- A recovery code is used by whoever deletes it.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.factors import Challenge, Consent, ConsentText, FactorKind, FactorRow, KnownDevice, ProofState
from smartmail.domain.ids import AccountId, OrganizationId


class FactorStore(Protocol):
    """Everything about proofs beyond a name and a secret."""

    # Factors

    async def factors(self, account_id: AccountId) -> list[FactorRow]:
        """Return the factors of an account, by id."""
        ...

    async def factors_by(self, kind: FactorKind, lookup: bytes) -> list[FactorRow]:
        """Return the factors, of whichever account, that a response names."""
        ...

    async def add_factor(self, row: FactorRow, audit: AuditRecord) -> FactorRow:
        """Keep a new factor; return it with its id. Raises AlreadyExists (kind, lookup and account)."""
        ...

    async def use_factor(
        self,
        row: FactorRow,
        at: int,
        *,
        counter: int | None = None,
        sealed: bytes | None = None,
        lookup: bytes | None = None,
    ) -> bool:
        """Note that a factor was used, and replace what is given. False: it is gone, or `counter` is not above the kept
        one: the answer was used before.
        """
        ...

    async def drop_factors(self, account_id: AccountId, ids: Sequence[int], audit: AuditRecord) -> int:
        """Remove factors of an account; return how many. With the last one its recovery codes go."""
        ...

    async def put_recovery_codes(self, account_id: AccountId, hashes: Sequence[bytes], audit: AuditRecord) -> None:
        """Keep these codes in place of all others."""
        ...

    async def recovery_codes(self, account_id: AccountId) -> int:
        """Return how many codes are left."""
        ...

    async def use_recovery_code(self, account_id: AccountId, code: bytes) -> bool:
        """Use a code up; False when it is none, or used."""
        ...

    # Logins on their way

    async def put_challenge(self, row: Challenge) -> None:
        """Keep a challenge."""
        ...

    async def challenge(self, token_hash: bytes, now: int) -> Challenge | None:
        """Return a challenge that has not ended."""
        ...

    async def ask_challenge(self, token_hash: bytes, nonce: bytes, now: int, sealed: bytes | None = None) -> bool:
        """Give a challenge its next nonce; False when it has ended."""
        ...

    async def try_challenge(self, token_hash: bytes, now: int, most: int) -> Challenge | None:
        """Count a try and take the nonce away; return the challenge as it was before, None when it has ended or has had
        `most` tries.
        """
        ...

    async def end_challenge(self, token_hash: bytes) -> bool:
        """Remove a challenge; False when another has."""
        ...

    async def forget_challenges(self, now: int, limit: int) -> int:
        """Remove ended challenges and strikes of long ago; return how many rows went."""
        ...

    # How an account stands

    async def proof_state(self, account_id: AccountId) -> ProofState:
        """Return how an account stands; one that nobody has written about owes nothing."""
        ...

    async def put_proof_state(self, state: ProofState) -> None:
        """Replace it."""
        ...

    async def factor_strikes(self, account_id: AccountId, place: str) -> tuple[int, int]:
        """Return failures in a row and the time of the last one, (0, 0) for none."""
        ...

    async def strike_factor(self, account_id: AccountId, place: str, now: int, fresh_since: int) -> int:
        """Count a failure, from 1 again when the last one was before `fresh_since`; return the count."""
        ...

    async def clear_strikes(self, account_id: AccountId, place: str) -> None:
        """Forget the failures of a place."""
        ...

    # Devices

    async def known_device(self, token_hash: bytes) -> KnownDevice | None:
        """Return a device."""
        ...

    async def put_known_device(self, device: KnownDevice, most: int) -> None:
        """Keep a device, or note its newest use; of more than `most` of an account the longest unused go."""
        ...

    async def known_devices(self, account_id: AccountId) -> list[KnownDevice]:
        """Return the devices of an account, last used first."""
        ...

    async def drop_known_devices(self, account_id: AccountId, token_hashes: Sequence[bytes] | None) -> int:
        """Forget some devices (None: all); return how many."""
        ...

    # Passwords

    async def old_passwords(self, account_id: AccountId, limit: int) -> list[str]:
        """Return verifiers of passwords that the account had, newest first."""
        ...

    async def keep_old_password(self, account_id: AccountId, verifier: str, at: int, most: int) -> None:
        """Keep a verifier; of more than `most` the oldest go."""
        ...

    async def renew_imported(
        self, account_id: AccountId, credential_id: int, verifier: str, audit: AuditRecord
    ) -> bool:
        """Put our own verifier in the place of a hash that came from another system; the credential has no end then. Once:
        False, and nothing is written, where there is no such hash any more.
        """
        ...

    # Consents

    async def put_consent_text(self, row: ConsentText, audit: AuditRecord) -> None:
        """Keep a text. Raises AlreadyExists: a version never changes."""
        ...

    async def consent_texts(self, organization_id: OrganizationId) -> list[ConsentText]:
        """Return all texts of an organisation, by name, newest version first."""
        ...

    async def give_consent(self, row: Consent, audit: AuditRecord) -> None:
        """Keep that somebody agreed; a second time changes nothing."""
        ...

    async def consents(self, account_id: AccountId) -> list[Consent]:
        """Return what an account has agreed to."""
        ...

    async def consents_of(
        self, organization_id: OrganizationId, after: tuple[int, str, int], limit: int
    ) -> list[Consent]:
        """Return who agreed to what, by (account, name, version), beginning after such a key."""
        ...
