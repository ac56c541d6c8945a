"""The one table from the error catalogue to IMAP answers (AR-6; RFC 5530 codes)."""

from smartmail.domain.errors import CATALOGUE, Forbidden, Invalid, MailError
from smartmail.proto.imap.engine import Status

TABLE: dict[str, tuple[Status, bytes, str]] = {
    "auth_failed": (Status.NO, b"AUTHENTICATIONFAILED", "authentication failed"),
    "forbidden": (Status.NO, b"NOPERM", "not allowed"),
    "proof_needed": (Status.NO, b"NOPERM", "prove who you are again in the webmail"),
    "not_found": (Status.NO, b"NONEXISTENT", "no such mailbox"),
    "already_exists": (Status.NO, b"ALREADYEXISTS", "it exists already"),
    "state_mismatch": (Status.NO, b"", "it has changed"),
    "invalid": (Status.NO, b"CANNOT", "that value cannot be"),
    "over_quota": (Status.NO, b"OVERQUOTA", "the account is full"),
    "too_large": (Status.NO, b"TOOBIG", "too large"),
    "rate_limited": (Status.NO, b"LIMIT", "too much for now"),
    "policy_rejected": (Status.NO, b"CANNOT", "a policy forbids it"),
    "unavailable": (Status.NO, b"UNAVAILABLE", "temporarily unavailable; try again"),
    "storage_full": (Status.NO, b"UNAVAILABLE", "no space for mail; try again later"),
    "internal": (Status.NO, b"SERVERBUG", "a fault of the server"),
}
assert TABLE.keys() == {error.code for error in CATALOGUE}


class UseAttributeError(Invalid):
    """The mailbox cannot be made with that use (RFC 6154 §3)."""


class HasChildrenError(Forbidden):
    """A mailbox with others below it stays (RFC 9051 §7.1)."""


class MessageGoneError(Invalid):
    """The message that a command names is not there any more."""


class NulError(Invalid):
    """A message that comes in holds NUL, which no literal of BODY[] could tell: no mailbox stores binary content (RFC 3516
    §4.4).
    """


_FINER: dict[type[MailError], bytes] = {
    UseAttributeError: b"USEATTR",
    HasChildrenError: b"HASCHILDREN",
    NulError: b"UNKNOWN-CTE",
}


def answer_of(error: MailError) -> tuple[Status, str, bytes]:
    """Return (status, words, code) for an error."""
    status, code, words = TABLE[error.code]
    return status, error.public or words, _FINER.get(type(error), code)
