"""The one table from the error catalogue to HTTP answers: status and problem+json (RFC 9457)."""

import json

from smartmail.domain.errors import CATALOGUE, AuthFailed, MailError, ProofNeeded, WeakPassword
from smartmail.service.protection.defence.accounts import AccountLimit

STATUS: dict[str, int] = {
    "auth_failed": 401,
    "forbidden": 403,
    "proof_needed": 403,
    "not_found": 404,
    "already_exists": 409,
    "state_mismatch": 412,
    "invalid": 400,
    "over_quota": 507,
    "too_large": 413,
    "rate_limited": 429,
    "policy_rejected": 403,
    "unavailable": 503,
    "storage_full": 503,
    "internal": 500,
}
assert STATUS.keys() == {error.code for error in CATALOGUE}

PROBLEM_TYPE = "application/problem+json"


def retry_after(error: MailError) -> tuple[tuple[str, str], ...]:
    """Return the header that says when to come again, where that is known (RFC 9110 §10.2.3)."""
    return (("retry-after", str(error.retry_s)),) if isinstance(error, AccountLimit) else ()


def problem(error: MailError) -> tuple[int, bytes]:
    """Return status and problem+json body for an error."""
    status = STATUS[error.code]
    document: dict[str, object] = {"type": "about:blank", "title": error.code, "status": status}
    if error.public:
        document["detail"] = error.public
    if isinstance(error, ProofNeeded):
        document["wants"] = list(error.wants)
    if isinstance(error, WeakPassword):
        document["reasons"] = list(error.reasons)
    if isinstance(error, AuthFailed) and error.reason:
        document["reason"] = error.reason
    return status, json.dumps(document, ensure_ascii=False).encode()
