"""Tag lists: `a=b; c=d` of DKIM signatures and key records (RFC 6376 §3.2)."""

import re
from collections.abc import Mapping
from typing import Final

# A signature has about 15 tags, of which `b` is the longest: 4096-bit RSA is 684 characters and its folds.
MAX_TAGS: Final = 50
MAX_LENGTH: Final = 16 * 1024
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# tval: printable without `;`, and white space within (RFC 6376 §3.2).
_VALUE: Final = re.compile(r"[!-:<-~\s\u0080-\U0010ffff]*")
_SPACE: Final = re.compile(r"[ \t\r\n]+")


class TagError(ValueError):
    """The text is no tag list."""


def parse_tags(text: str) -> dict[str, str]:
    """Return name → value, white space around both removed. Raises TagError (RFC 6376 §3.2: then all is void)."""
    if len(text) > MAX_LENGTH:
        raise TagError("too long")
    tags: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()
    if len(parts) > MAX_TAGS:
        raise TagError("too many tags")
    for part in parts:
        name, equals, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise TagError("not a tag list")
        if name in tags:
            raise TagError(f"tag {name} stands twice")
        tags[name] = value
    return tags


def without_space(value: str) -> str:
    """Return a value such as base64 without its folding white space."""
    return _SPACE.sub("", value)


def colon_list(tags: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the items of a colon-separated value; empty when the tag is not there."""
    return tuple(item.strip() for item in tags[name].split(":")) if name in tags else ()
