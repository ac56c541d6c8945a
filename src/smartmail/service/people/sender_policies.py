"""What a domain should publish about its senders (SPF, RFC 7208; DMARC, RFC 9989), and whether what it publishes will do.

A domain may say more than we ask, or in other words: another sender in addition to us, reports to another address, a stricter policy.
So records are judged by what they let through, not compared letter by letter. Must not know where records come from.
"""

from collections.abc import Iterable, Sequence

from smartmail.proto.mailauth.dmarc import parse_dmarc


def spf_text(smarthosts: Iterable[str]) -> str:
    """Return the SPF record of a domain whose mail leaves from its exchangers, or through these hosts.

    With a smarthost others decide which addresses mail comes from, so that what is not listed is doubted (`~all`), not refused.
    """
    hosts = sorted(set(smarthosts))
    return " ".join(["v=spf1 mx", *(f"a:{host}" for host in hosts), "~all" if hosts else "-all"])


def spf_covers(published: str, wanted: str) -> bool:
    """Say whether a published record lets through what the wanted one does; an `include` may stand for smarthosts."""
    terms = published.lower().split()
    if not terms or terms[0] != "v=spf1":
        return False
    passing = {term.removeprefix("+") for term in terms[1:]}
    hosts = {term for term in wanted.split() if term.startswith("a:")}
    included = any(term.startswith(("include:", "redirect=")) for term in passing)
    return "+all" not in terms and "all" not in terms and "mx" in passing and (included or hosts <= passing)


def dmarc_text(domain: str) -> str:
    """Return the DMARC record to begin with: nothing is refused, and reports tell who sends in the domain's name.

    RFC 9989 §5.1: owners look at reports before they ask for quarantine, and then for reject.
    """
    return f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"


def dmarc_holds(published: Sequence[str], domain: str) -> bool:
    """Say whether exactly one record is published that receivers act upon, of any policy (RFC 9989 §4.7)."""
    records = [one for text in published if (one := parse_dmarc(text, domain)) is not None]
    return len(records) == 1
