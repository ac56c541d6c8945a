"""The one table from the error catalogue to ManageSieve answers (AR-6; RFC 5804 §1.3)."""

from smartmail.domain.errors import CATALOGUE, MailError
from smartmail.service.flow.filters.scripts import ScriptInUse, TooManyScripts

TABLE: dict[str, tuple[str, str]] = {
    "auth_failed": ("", "authentication failed"),
    "forbidden": ("", "not allowed"),
    "proof_needed": ("", "prove who you are again in the webmail"),
    "not_found": ("NONEXISTENT", "there is no such script"),
    "already_exists": ("ALREADYEXISTS", "another script has that name"),
    "state_mismatch": ("", "it has changed"),
    "invalid": ("", "that value cannot be"),
    "over_quota": ("QUOTA", "there is no room for it"),
    "too_large": ("QUOTA/MAXSIZE", "too large"),
    "rate_limited": ("TRYLATER", "too much for now; try again later"),
    "policy_rejected": ("", "a policy forbids it"),
    "unavailable": ("TRYLATER", "temporarily unavailable; try again"),
    "storage_full": ("TRYLATER", "no space; try again later"),
    "internal": ("TRYLATER", "a fault of the server"),
}
assert TABLE.keys() == {error.code for error in CATALOGUE}

_FINER: dict[type[MailError], str] = {ScriptInUse: "ACTIVE", TooManyScripts: "QUOTA/MAXSCRIPTS"}


def answer_of(error: MailError) -> tuple[str, str]:
    """Return (words, response code) for an error."""
    code, words = TABLE[error.code]
    return error.public or words, _FINER.get(type(error), code)
