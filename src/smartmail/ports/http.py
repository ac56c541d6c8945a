"""Requests that we make to the web of others: push services, policies of other domains, webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class HttpFailed(Exception):
    """No answer came: refused address, no connection, no TLS, too slow, too large. The text is for the log."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, header with names in lower case, and the body, cut at nothing: what is larger than asked for fails."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class HttpClient(Protocol):
    """The one way out: every address is checked after its name was looked up, no redirect is followed unasked."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        max_octets: int = 65_536,
        seconds: float = 20.0,
    ) -> HttpAnswer:
        """Make one request. Raises HttpFailed."""
        ...


class NoHttp:
    """A client that asks nobody: for commands and tests that need none."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        max_octets: int = 65_536,
        seconds: float = 20.0,
    ) -> HttpAnswer:
        """Refuse."""
        del headers, body, max_octets, seconds
        raise HttpFailed(f"no way out for {method} {url[:100]}")
