"""Bounds of one JMAP server, as the Core capability tells them (RFC 8620 §2)."""

from dataclasses import dataclass

from smartmail.proto.jmap.collations import LANGUAGES, REGISTERED
from smartmail.proto.jmap.errors import MethodError


@dataclass(frozen=True, slots=True)
class Limits:
    """Octets, requests, calls and objects. The defaults are no lower than RFC 8620 §2 suggests.

    `max_size_response` (octets of all answers to one request) is none of those that the Core capability knows: a call whose
    answer goes beyond it fails by itself (`dispatch`).
    """

    max_size_upload: int = 100_000_000
    max_concurrent_upload: int = 8
    max_size_request: int = 10_000_000
    max_size_response: int = 96 << 20
    max_concurrent_requests: int = 8
    max_calls_in_request: int = 64
    max_objects_in_get: int = 1000
    max_objects_in_set: int = 1000
    collations: tuple[str, ...] = REGISTERED

    def capability(self) -> dict[str, object]:
        """Return the value of `urn:ietf:params:jmap:core`."""
        return {
            "maxSizeUpload": self.max_size_upload,
            "maxConcurrentUpload": self.max_concurrent_upload,
            "maxSizeRequest": self.max_size_request,
            "maxConcurrentRequests": self.max_concurrent_requests,
            "maxCallsInRequest": self.max_calls_in_request,
            "maxObjectsInGet": self.max_objects_in_get,
            "maxObjectsInSet": self.max_objects_in_set,
            "collationAlgorithms": [*self.collations, *LANGUAGES],
        }

    def check_get(self, count: int) -> None:
        """Raise requestTooLarge when a get asks for more objects than told (RFC 8620 §5.1)."""
        if count > self.max_objects_in_get:
            raise MethodError("requestTooLarge", f"at most {self.max_objects_in_get} objects")

    def check_set(self, count: int) -> None:
        """Raise requestTooLarge when a set changes more objects than told (RFC 8620 §5.3)."""
        if count > self.max_objects_in_set:
            raise MethodError("requestTooLarge", f"at most {self.max_objects_in_set} objects")
