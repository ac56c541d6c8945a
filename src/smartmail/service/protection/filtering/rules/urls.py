"""Links: where they lead, and whether they say so."""

from typing import Final

from smartmail.formats import links
from smartmail.formats.address import domain_to_unicode
from smartmail.formats.links import Link
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence

_PORTS: Final = frozenset({0, 80, 443, 8080, 8443})


async def check_links(evidence: Evidence) -> list[Match]:
    """Return matches, of each rule the first."""
    found: dict[str, Match] = {}
    for link in evidence.links:
        for match in _judge(link):
            found.setdefault(match.rule, match)
    return list(found.values())


def _judge(link: Link) -> list[Match]:
    shown = fact(domain_to_unicode(link.host))
    if link.scheme in {"data", "javascript", "vbscript", "file"}:
        return [Match("link-data", (link.scheme,))]
    if not link.host or link.scheme not in {"", "http", "https", "ftp"}:
        return []
    tests = (
        ("link-contradicts", links.contradicts(link)),
        ("link-scripts", links.mixed_label(link.host)),
    )
    matches = [Match(rule, (fact(said), shown)) for rule, said in tests if said]
    flags = (
        ("link-address", links.is_number(link.host)),
        ("link-user", bool(link.user)),
        ("link-port", link.port not in _PORTS),
        ("link-shortener", links.is_shortener(link.host)),
        ("link-program", links.leads_to_program(link)),
    )
    return matches + [Match(rule, (shown,)) for rule, matched in flags if matched]
