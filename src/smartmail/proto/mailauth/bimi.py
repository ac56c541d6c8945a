"""BIMI: the indicator that a domain wants shown beside mail that is proved to be its own (draft-brand-indicators).

Looked up only where DMARC passed under a policy that is enforced; the evidence that `a=` names (a mark certificate) is
not judged here: `authority` is where it lies, and whoever shows an indicator decides what it asks for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.proto.mailauth.asking import Ask, TemporaryLookupError
from smartmail.proto.mailauth.dmarc import DmarcVerdict
from smartmail.proto.mailauth.tags import TagError, parse_tags

BimiResult = Literal["pass", "none", "fail", "temperror", "declined", "skipped"]

DEFAULT_SELECTOR: Final = "default"
MAX_URI: Final = 300
_URI: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[!-~]*\Z")


@dataclass(frozen=True, slots=True)
class BimiVerdict:
    """What was found. `location` is the https address of the indicator, an SVG image."""

    result: BimiResult
    domain: str = ""
    location: str = ""
    authority: str = ""
    reason: str = ""


async def look_up(verdict: DmarcVerdict, ask: Ask) -> BimiVerdict:
    """Return the indicator of a message that DMARC judged: of the domain in From, else of its organisation."""
    if verdict.result != "pass" or verdict.applied == "none":
        return BimiVerdict("skipped", reason="DMARC does not pass under an enforced policy")
    try:
        for domain in dict.fromkeys((verdict.domain, verdict.organizational)):
            texts = await ask(f"{DEFAULT_SELECTOR}._bimi.{domain}", "TXT")
            found = [text for text in texts if text.replace(" ", "").startswith("v=BIMI1")]
            if found:
                return _read(found, domain)
    except TemporaryLookupError:
        return BimiVerdict("temperror", reason="the name service did not answer")
    return BimiVerdict("none")


def _read(texts: Sequence[str], domain: str) -> BimiVerdict:
    if len(texts) > 1:
        return BimiVerdict("fail", domain, reason="several records")
    try:
        tags = parse_tags(texts[0])
    except TagError:
        return BimiVerdict("fail", domain, reason="not a record")
    location, authority = tags.get("l", ""), tags.get("a", "")
    if not location and not authority:
        # A record without both says that the domain wants none shown.
        return BimiVerdict("declined", domain)
    if len(location) > MAX_URI or not _URI.match(location):
        return BimiVerdict("fail", domain, reason="l= is no https address")
    if authority and (len(authority) > MAX_URI or not _URI.match(authority)):
        authority = ""
    return BimiVerdict("pass", domain, location, authority)
