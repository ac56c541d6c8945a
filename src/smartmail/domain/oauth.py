"""Programs that people let into their account without giving them a password (RFC 6749, RFC 8252), as they are kept."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class OauthCode:
    """What a person agreed to, until the program fetches it: once, and within a minute (RFC 6749 §4.1.2).

    `client` is a hash of the client's id; `label` the name of the program, sealed under the account's key. `used_at`: when
    it was fetched, 0 before; `grant`: what it gave then, which ends when it comes a second time.
    """

    code_hash: bytes = field(repr=False)
    account_id: AccountId
    auth_epoch: int
    client: bytes
    redirect: str
    challenge: str
    scopes: tuple[str, ...]
    sealed_label: bytes = field(repr=False)
    expires_at: int
    used_at: int = 0
    grant: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OauthToken:
    """An access or refresh token. `grant` is the look-up of the credential that stands for the consent: without that
    credential no token of it opens anything.
    """

    token_hash: bytes = field(repr=False)
    grant: bytes = field(repr=False)
    refresh: bool
    client: bytes
    expires_at: int
    used_at: int = 0


OauthFault = Literal[
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
    "access_denied", "unsupported_response_type", "invalid_redirect_uri", "invalid_client_metadata",
]  # fmt: skip
"""RFC 6749 §4.1.2.1 and §5.2, RFC 7591 §3.2.2."""


class OauthRefusedError(Exception):
    """A request of a program that cannot be done, in the words of the standard; `text` is for its maker."""

    def __init__(self, fault: OauthFault, text: str) -> None:
        super().__init__(text)
        self.fault = fault
        self.text = text
