"""The two tables from the error catalogue to JMAP: why a call failed, why one object was left as it is.

Text for the peer is the error's own public text; its detail is for the log (AR-6).
"""

from msgspec import UNSET

from smartmail.domain.errors import CATALOGUE, MailError
from smartmail.proto.jmap.errors import MethodError, SetError

METHOD: dict[str, str] = {
    "auth_failed": "forbidden",
    "forbidden": "forbidden",
    "proof_needed": "forbidden",
    "not_found": "accountNotFound",
    "already_exists": "invalidArguments",
    "state_mismatch": "stateMismatch",
    "invalid": "invalidArguments",
    "over_quota": "overQuota",
    "too_large": "requestTooLarge",
    "rate_limited": "rateLimit",
    "policy_rejected": "forbidden",
    "unavailable": "serverUnavailable",
    "storage_full": "serverUnavailable",
    "internal": "serverFail",
}
OBJECT: dict[str, str] = {
    "auth_failed": "forbidden",
    "forbidden": "forbidden",
    "proof_needed": "forbidden",
    "not_found": "notFound",
    "already_exists": "alreadyExists",
    "state_mismatch": "stateMismatch",
    "invalid": "invalidProperties",
    "over_quota": "overQuota",
    "too_large": "tooLarge",
    "rate_limited": "rateLimit",
    "policy_rejected": "forbiddenToSend",
    "unavailable": "serverUnavailable",
    "storage_full": "serverUnavailable",
    "internal": "serverFail",
}
assert METHOD.keys() == OBJECT.keys() == {error.code for error in CATALOGUE}


def method_error(error: MailError) -> MethodError:
    """Return the error of a whole call."""
    return MethodError(METHOD[error.code], error.public)


def set_error(error: MailError) -> SetError:
    """Return the error of one object."""
    return SetError(OBJECT[error.code], error.public or UNSET)
