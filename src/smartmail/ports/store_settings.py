"""Settings, signing keys of domains, one-time tokens."""

from collections.abc import Mapping
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.signing import KeyState, SigningKeyRow


class SettingStore(Protocol):
    """Settings by scope and name."""

    async def setting(self, scope: str, name: str) -> str | None:
        """Return a setting's JSON text."""
        ...

    async def settings(self, scope: str) -> Mapping[str, str]:
        """Return all settings of a scope."""
        ...

    async def put_setting(self, scope: str, name: str, value: str | None, *, audit: AuditRecord | None = None) -> None:
        """Set or remove (None) a setting."""
        ...


class SigningKeyStore(Protocol):
    """DKIM keys of domains."""

    async def dkim_keys(self, domain: str) -> list[SigningKeyRow]:
        """Return a domain's signing keys in all states, by selector."""
        ...

    async def put_dkim_key(self, row: SigningKeyRow) -> None:
        """Insert or replace a key."""
        ...

    async def set_dkim_states(self, domain: str, states: Mapping[str, KeyState], *, at: int) -> None:
        """Change the states of some keys (selector → state) at once."""
        ...

    async def drop_dkim_key(self, domain: str, selector: str) -> bool:
        """Remove a key; say whether it was there."""
        ...


class OnceStore(Protocol):
    """One-time tokens."""

    async def use_once(self, token_hash: bytes) -> str | None:
        """Consume a one-time token; return its purpose, or None when unknown, used or expired."""
        ...

    async def put_once(self, token_hash: bytes, purpose: str, expires_at: int) -> None:
        """Keep a one-time token."""
        ...
