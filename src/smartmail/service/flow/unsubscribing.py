"""Leaving a mailing list by one click (RFC 8058): our server asks theirs, so that the reader's address stays with us.

Only what a message proved to come from its sender asks for (§4: a signature must cover it) is done; which message that
is, the caller has looked up. SECURITY: https only, to public addresses only, no redirect, no cookie (ports.http).
"""

from typing import Final
from urllib.parse import urlsplit

from smartmail.domain.inspection import Inspection
from smartmail.ports.http import HttpClient, HttpFailed

ONE_CLICK: Final = "List-Unsubscribe=One-Click"
_SECONDS: Final = 15.0
_MAX_ANSWER: Final = 65_536


def is_proved(inspection: Inspection | None) -> bool:
    """Say whether somebody answers for the message: a valid signature, or one of ours (nothing was found out of it)."""
    if inspection is None:
        return False
    return any(one.method == "dkim" and one.result == "pass" for one in inspection.authentication)


def address_of(urls: list[str] | None, post: str | None) -> str | None:
    """Return where the one click goes, None when a message offers none (RFC 8058 §3.1)."""
    if post is None or post.strip().lower() != ONE_CLICK.lower():
        return None
    return next((url for url in urls or [] if urlsplit(url).scheme.lower() == "https"), None)


class UnsubscribeService:
    """Makes the one request."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def leave(self, url: str) -> bool:
        """Ask to leave; say whether the other side took it."""
        try:
            answer = await self._http.request(
                "POST", url, headers={"content-type": "application/x-www-form-urlencoded"}, body=ONE_CLICK.encode(),
                max_octets=_MAX_ANSWER, seconds=_SECONDS,
            )  # fmt: skip
        except HttpFailed:
            return False
        return 200 <= answer.status < 300
