"""The one table from the error catalogue to POP3 answers (AR-6; RFC 2449 §8, RFC 3206)."""

from smartmail.domain.errors import CATALOGUE, MailError
from smartmail.service.protection.defence.accounts import AccountBusy

TABLE: dict[str, tuple[str, str]] = {
    "auth_failed": ("AUTH", "authentication failed"),
    "forbidden": ("", "not allowed"),
    "proof_needed": ("", "prove who you are again in the webmail"),
    "not_found": ("", "no such message"),
    "already_exists": ("", "it exists already"),
    "state_mismatch": ("", "it has changed"),
    "invalid": ("", "that value cannot be"),
    "over_quota": ("", "the account is full"),
    "too_large": ("", "too large"),
    "rate_limited": ("LOGIN-DELAY", "too soon after the last login; wait a little"),
    "policy_rejected": ("", "a policy forbids it"),
    "unavailable": ("SYS/TEMP", "temporarily unavailable; try again"),
    "storage_full": ("SYS/TEMP", "no space; try again later"),
    "internal": ("SYS/TEMP", "a fault of the server"),
}
assert TABLE.keys() == {error.code for error in CATALOGUE}


_FINER: dict[type[MailError], str] = {AccountBusy: "SYS/TEMP"}


def answer_of(error: MailError) -> tuple[str, str]:
    """Return (words, response code) for an error."""
    code, words = TABLE[error.code]
    return error.public or words, _FINER.get(type(error), code)
