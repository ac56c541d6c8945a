"""The store's part for programs that people let in: codes and tokens."""

from collections.abc import Sequence
from typing import Final, Protocol

from smartmail.domain.oauth import OauthCode, OauthToken

MOST_CODES: Final = 20
MOST_TOKENS: Final = 50
"""Rows that one account's consents, and one program's asking for ever new tokens, may fill."""


class OauthStore(Protocol):
    """Secrets are kept as hashes only."""

    async def put_oauth_code(self, code: OauthCode) -> None:
        """Keep a code; of one account the newest MOST_CODES stay."""
        ...

    async def take_oauth_code(self, code_hash: bytes, now: int) -> OauthCode | None:
        """Return a code as it was and mark it as used, in one: only who gets it with `used_at` 0 was the first.

        One that was used, and is bound to no grant yet, can be bound to none any more.
        """
        ...

    async def bind_oauth_code(self, code_hash: bytes, grant: bytes) -> bool:
        """Say what a used code gave; False where it came a second time meanwhile: then nothing may be given."""
        ...

    async def put_oauth_tokens(self, tokens: Sequence[OauthToken]) -> None:
        """Keep tokens; of one grant the newest MOST_TOKENS of each kind stay."""
        ...

    async def oauth_token(self, token_hash: bytes) -> OauthToken | None:
        """Return a token, also one that has expired or was used."""
        ...

    async def use_oauth_refresh(self, token_hash: bytes, now: int) -> bool:
        """Mark a refresh token as used; say whether this was the first use."""
        ...

    async def drop_oauth_tokens(self, grant: bytes) -> None:
        """Forget all tokens of a grant."""
        ...

    async def forget_oauth(self, expired_before: int) -> int:
        """Forget codes and tokens that ended before a time; return how many."""
        ...
