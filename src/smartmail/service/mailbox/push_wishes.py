"""What a device wants to be told and where (RFC 8620 §7.2): checked, and as it lies sealed."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from smartmail.domain.errors import Invalid
from smartmail.formats import web_push
from smartmail.service.kernel.states import BULLETIN, NAMES

_MAX_URL = 2_000


class PushText(msgspec.Struct, frozen=True, array_like=True):
    """What of a subscription is sealed. `types` None means all; without `public` messages go as they are."""

    url: str
    device: str
    code: str
    types: tuple[str, ...] | None
    public: bytes = b""
    auth: bytes = b""


@dataclass(frozen=True, slots=True)
class NewPush:
    """What a client asks for; keys as it sent them. `expires_at` in milliseconds."""

    url: str
    device: str
    types: tuple[str, ...] | None = None
    keys: tuple[str, str] | None = None
    expires_at: int | None = None


def checked_types(types: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the types that exist, each once (RFC 8620 §7.2: others are for servers that know them)."""
    if types is None:
        return None
    return tuple(one for one in dict.fromkeys(types) if one in NAMES or one == BULLETIN)


def check_url(url: str) -> None:
    """Raise Invalid unless messages may go there (RFC 8620 §7.2)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("url") from None
    if parts.scheme != "https" or not parts.hostname or parts.username or len(url) > _MAX_URL or port == 0:
        raise Invalid("url")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid("url")


def checked_keys(keys: tuple[str, str] | None) -> tuple[bytes, bytes]:
    """Return the public key and the secret of a device; empty for none. Raises Invalid."""
    if keys is None:
        return b"", b""
    try:
        return web_push.read_public(keys[0]), web_push.read_key(keys[1], web_push.AUTH_OCTETS)
    except web_push.PushKeyError as error:
        raise Invalid("keys", detail=str(error)) from None


def decode_push(octets: bytes) -> PushText:
    """Return what of a subscription was sealed."""
    return msgspec.msgpack.decode(octets, type=PushText)
