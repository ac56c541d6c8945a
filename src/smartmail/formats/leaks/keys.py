"""Secrets of machines: private keys, tokens, keys of cloud services, and passwords that a word names.

Keys are known by what their makers put before them; what is shown is that alone.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Final

import msgspec

from smartmail.formats.leaks.finding import Confidence, Finding
from smartmail.formats.leaks.reading import Reading

_HEAD: Final = re.compile(r"-----BEGIN (?:[A-Z0-9 ]{1,30} )?PRIVATE KEY(?: BLOCK)?-----")
_MOST: Final = 16_384
_JWT: Final = re.compile(
    r"eyJ(?<![A-Za-z0-9_\-]...)[A-Za-z0-9_\-]{8,2000}\.(eyJ[A-Za-z0-9_\-]{4,8000})\.[A-Za-z0-9_\-]{10,2000}"
)
_CLOUD: Final = (
    ("AKIA", re.compile(r"AKIA(?<![A-Za-z0-9]....)[A-Z0-9]{16}(?![A-Za-z0-9])")),
    ("ASIA", re.compile(r"ASIA(?<![A-Za-z0-9]....)[A-Z0-9]{16}(?![A-Za-z0-9])")),
    ("AIza", re.compile(r"AIza(?<![A-Za-z0-9]....)[A-Za-z0-9_\-]{35}(?![A-Za-z0-9_\-])")),
    ("gh", re.compile(r"gh(?<![A-Za-z0-9]..)[pousr]_[A-Za-z0-9]{36,255}")),
    ("github_pat_", re.compile(r"github_pat_[A-Za-z0-9_]{60,100}")),
    ("glpat-", re.compile(r"glpat-[A-Za-z0-9_\-]{20,64}")),
    ("xox", re.compile(r"xox[abeoprs]-[A-Za-z0-9\-]{10,250}")),
    ("sk_live_", re.compile(r"sk_live_[A-Za-z0-9]{20,250}")),
    ("rk_live_", re.compile(r"rk_live_[A-Za-z0-9]{20,250}")),
    ("sk-", re.compile(r"sk-(?<![A-Za-z0-9_\-]...)(?:[a-z]{2,8}-)?[A-Za-z0-9_\-]{32,200}")),
    ("AccountKey=", re.compile(r"AccountKey=[A-Za-z0-9+/]{86}==")),
    ("ncp_iam_", re.compile(r"ncp_iam_[A-Za-z0-9]{20,60}")),
    ("LTAI", re.compile(r"LTAI(?<![A-Za-z0-9]....)[A-Za-z0-9]{12,28}(?![A-Za-z0-9])")),
    ("SG.", re.compile(r"SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}")),
    ("hooks.slack.com", re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}")),
)
"""Prefixes of keys: AWS, Google, GitHub, GitLab, Slack, Stripe, OpenAI and others, Azure, Naver Cloud, Alibaba, SendGrid."""
_AWS_SECRET: Final = re.compile(
    r"secret[_ ]?(?:access[_ ]?)?key[\"' ]{0,3}[:=][\"' ]{0,3}([a-z0-9+/]{40})(?![a-z0-9+/=])"
)
_PASSWORD: Final = re.compile(
    r"(?:비밀번호|비번|패스워드|암호|password|passwd|passphrase|pwd|パスワード|密码|密碼)[ \t]{0,3}(?:[은는이가]|is)?[ \t]{0,3}"
    r"([:=：]?)[ \t]{0,3}([!-~]{6,64})(?![!-~])"
)
_CLASSES: Final = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]")))
_DIGIT: Final = _CLASSES[2]
_SPOKEN: Final = re.compile(
    r"://|@.*\.|^[\[({<*.$%]|^[a-z\-_.]+[.,;:!?)(]*$|^[a-z_.]+\(|^[^0-9]*[,;:(\[{]$|\*{3}|^[0-9]+[.,:)]?$|^20[0-9]{2}[\-./]",
    re.IGNORECASE,
)
"""What follows the word for a password and is none: links, addresses, brackets, names in programs, days, what is hidden already."""


def keys(reading: Reading) -> Iterator[Finding]:
    """Yield private keys, tokens, keys of cloud services and passwords."""
    yield from _private(reading)
    yield from _tokens(reading)
    yield from _clouds(reading)
    yield from _passwords(reading)


def _private(reading: Reading) -> Iterator[Finding]:
    at = reading.text.find("-----BEGIN ") if "PRIVATE KEY" in reading.text else -1
    end = -1
    while at >= 0:
        head = _HEAD.match(reading.text, at)
        if head:
            end = reading.text.find("-----END", head.end(), head.end() + _MOST)
            end = head.end() if end < 0 else end
            body = "".join(reading.text[head.end() : end].split())
            yield _found("key.private", "high", head[0], body or head[0] + "?", (at, end))
        at = reading.text.find("-----BEGIN ", max(at + 1, end))


def _tokens(reading: Reading) -> Iterator[Finding]:
    if "eyJ" not in reading.text:
        return
    for found in _JWT.finditer(reading.text):
        head = found[0].partition(".")[0]
        try:
            fields = msgspec.json.decode(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        except ValueError:
            continue
        if isinstance(fields, dict) and "alg" in fields:
            yield _found("key.jwt", "high", "eyJ***", found[0], found.span())


def _clouds(reading: Reading) -> Iterator[Finding]:
    for prefix, pattern in _CLOUD:
        if prefix not in reading.text:
            continue
        for found in pattern.finditer(reading.text):
            yield _found("key.cloud", "high", prefix + "***", found[0], found.span())
    if "secret" in reading.lowered:
        for found in _AWS_SECRET.finditer(reading.lowered):
            yield _found("key.cloud", "high", "***", reading.text[slice(*found.span(1))], found.span(1))


def _passwords(reading: Reading) -> Iterator[Finding]:
    for found in _PASSWORD.finditer(reading.lowered):
        value = reading.text[slice(*found.span(2))]
        mixed = sum(one.search(value) is not None for one in _CLASSES)
        is_strong = mixed >= (2 if found[1] else 3) and (mixed > 2 or _DIGIT.search(value))
        if not is_strong or _SPOKEN.search(value):
            continue
        yield _found("password", "medium", "********", value, found.span(2))


def _found(detector: str, confidence: Confidence, shown: str, value: str, place: tuple[int, int]) -> Finding:
    return Finding(detector=detector, confidence=confidence, masked=shown, value=value, start=place[0], end=place[1])
