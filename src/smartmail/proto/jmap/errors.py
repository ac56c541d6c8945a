"""Errors at the three levels of JMAP: the request, one call, one object (RFC 8620 §3.6, §5.3)."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

_PREFIX: Final = "urn:ietf:params:jmap:error:"

RequestErrorType = Literal["unknownCapability", "notJSON", "notRequest", "limit"]

# RFC 8620 §3.6.2, §5 and RFC 8621: all that a call may answer instead of its result.
METHOD_ERRORS: Final = frozenset(
    {
        "serverUnavailable", "serverFail", "serverPartialFail", "unknownMethod", "invalidArguments",
        "invalidResultReference", "forbidden", "accountNotFound", "accountNotSupportedByMethod", "accountReadOnly",
        "requestTooLarge", "stateMismatch", "cannotCalculateChanges", "anchorNotFound", "unsupportedSort",
        "unsupportedFilter", "tooManyChanges", "fromAccountNotFound", "fromAccountNotSupportedByMethod",
        "rateLimit", "overQuota", "notFound", "unknownDataType", "blobNotFound",
    }
)  # fmt: skip
# RFC 8620 §5.3, §5.4, RFC 8621 §2.5, §4.6, §6.3, §7.5, RFC 9661 §2.4, RFC 9007 §2.1: why one object was not created, updated or destroyed.
SET_ERRORS: Final = frozenset(
    {
        "forbidden", "overQuota", "tooLarge", "rateLimit", "notFound", "invalidPatch", "willDestroy",
        "invalidProperties", "singleton", "alreadyExists", "stateMismatch", "serverFail", "serverUnavailable",
        "mailboxHasChild", "mailboxHasEmail", "addressBookHasContents", "blobNotFound", "tooManyKeywords", "tooManyMailboxes",
        "invalidEmail", "tooManyRecipients", "noRecipients", "invalidRecipients", "forbiddenMailFrom",
        "forbiddenFrom", "forbiddenToSend", "reasonNeeded", "cannotUnsend", "invalidSieve", "sieveIsActive", "mdnAlreadySent",
    }
)  # fmt: skip


class RequestError(Exception):
    """The whole request is refused: an HTTP error with problem details (RFC 8620 §3.6.1, RFC 7807)."""

    def __init__(self, kind: RequestErrorType, detail: str, *, limit: str = "", status: int = 400) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.limit = limit
        self.status = status

    def problem(self) -> dict[str, object]:
        """Return the body, to be sent as `application/problem+json`."""
        body: dict[str, object] = {"type": _PREFIX + self.kind, "status": self.status, "detail": self.detail}
        return body | {"limit": self.limit} if self.limit else body


class MethodError(Exception):
    """One call fails; the calls after it go on (RFC 8620 §3.6.2). `extra` are further properties of the answer."""

    def __init__(self, kind: str, description: str = "", **extra: object) -> None:
        assert kind in METHOD_ERRORS, kind
        super().__init__(f"{kind}: {description}")
        self.kind = kind
        self.description = description
        self.extra = extra

    def arguments(self) -> dict[str, object]:
        """Return the arguments of the `error` response."""
        body: dict[str, object] = {"type": self.kind}
        if self.description:
            body["description"] = self.description
        return body | self.extra


class SetError(Struct, frozen=True, rename="camel"):
    """Why one object was left as it is (RFC 8620 §5.3). Raised by nobody: it is a value in the answer."""

    type: str
    description: str | UnsetType = UNSET
    properties: Sequence[str] | UnsetType = UNSET
    existing_id: str | UnsetType = UNSET
    max_size: int | UnsetType = UNSET
    max_recipients: int | UnsetType = UNSET
    invalid_recipients: Sequence[str] | UnsetType = UNSET
    not_found: Sequence[str] | UnsetType = UNSET

    def __post_init__(self) -> None:
        assert self.type in SET_ERRORS, self.type


def invalid_properties(*properties: str, description: str = "") -> SetError:
    """Return the SetError that names the properties that cannot be."""
    return SetError("invalidProperties", description or UNSET, list(properties))
