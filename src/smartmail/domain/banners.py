"""Warnings that a reader sees above a message: which of the reasons are shown, and how loudly.

The webmail draws them outside the frame of the message, where no sender can draw. Pure.
"""

from typing import Final, Literal

import msgspec

from smartmail.domain.inspection import Inspection

BannerLevel = Literal["info", "caution", "danger"]
_ORDER: Final[dict[BannerLevel, int]] = {"danger": 0, "caution": 1, "info": 2}

LEVELS: Final[dict[str, BannerLevel]] = {
    # 사칭
    "bec": "danger", "domain-lookalike": "danger", "domain-brand": "danger", "link-lookalike": "danger",
    "chain-hijack": "danger", "own-domain": "danger", "dmarc-reject": "danger", "dmarc-quarantine": "danger",
    "name-of-colleague": "caution", "name-holds-address": "caution", "proof-lost": "caution", "account-change": "caution",
    "reply-to-differs": "caution", "country-changed": "caution", "two-from": "danger",
    "first-to-company": "info", "first-to-person": "info", "unproved": "info",
    "brand-claimed": "danger",
    # Files and links
    "virus": "danger", "file-program": "danger", "file-script": "danger", "file-shortcut": "danger",
    "file-packed-program": "danger", "file-double": "danger", "file-reversed": "danger", "file-macro-auto": "danger",
    "file-hwp-script": "danger", "file-hwp-eps": "danger", "file-image": "caution", "file-help": "caution",
    "file-disguised": "caution", "file-macro": "caution", "file-template": "caution", "file-hwp-ole": "caution",
    "file-object": "caution", "file-encrypted": "caution", "file-html-form": "danger", "file-html-script": "caution",
    "link-contradicts": "caution", "link-scripts": "danger", "link-user": "caution", "link-address": "caution",
    "link-program": "caution", "link-qr": "caution", "engine-failed": "caution",
    "advertisement": "info", "advertisement-variant": "info",
}  # fmt: skip
"""Rule → how loudly its text is shown. Rules that are not here only count."""
MAX_BANNERS: Final = 4


class Banner(msgspec.Struct, frozen=True, array_like=True):
    """One warning: its text is the rule's (service.inspection.wording), with these facts in it."""

    level: BannerLevel
    rule: str
    facts: tuple[str, ...] = ()


def banners(inspection: Inspection | None) -> tuple[Banner, ...]:
    """Return what a reader is warned of, the loudest first, each rule once; nothing for mail that nobody inspected."""
    if inspection is None:
        return ()
    found: dict[str, Banner] = {}
    for reason in inspection.reasons:
        level = LEVELS.get(reason.rule)
        if level is not None:
            found.setdefault(reason.rule, Banner(level, reason.rule, reason.facts))
    if "first-to-company" in found:
        found.pop("first-to-person", None)
    return tuple(sorted(found.values(), key=lambda one: _ORDER[one.level])[:MAX_BANNERS])
