"""What is counted and told about the authentication of mail: DMARC aggregate reports, both ways (RFC 9990)."""

import msgspec


class DmarcRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Messages that were judged alike. Domains and words of RFC 9990 only: nothing that a person wrote."""

    source: str
    disposition: str
    dkim: str
    spf: str
    header_from: str
    envelope_from: str = ""
    dkim_results: tuple[tuple[str, str, str], ...] = ()
    """(domain, selector, result) of each signature."""
    spf_domain: str = ""
    spf_result: str = ""
    override: str = ""
    """Why the policy was not done: a word of RFC 9990, "" where it was."""


class DmarcPolicy(msgspec.Struct, frozen=True, array_like=True):
    """The policy that was published, as reports repeat it."""

    domain: str
    p: str = "none"
    sp: str = ""
    np: str = ""
    adkim: str = "r"
    aspf: str = "r"
    testing: bool = False


class DmarcCount(msgspec.Struct, frozen=True, array_like=True):
    """How many messages of a day (since 1970, UTC) were judged alike under a domain's policy."""

    day: int
    policy: DmarcPolicy
    row: DmarcRow
    messages: int


class ReceivedReport(msgspec.Struct, frozen=True, array_like=True):
    """A report that came to us about a domain of ours; times in seconds."""

    domain: str
    reporter: str
    report_id: str
    begin: int
    end: int
    policy: DmarcPolicy
    rows: tuple[tuple[DmarcRow, int], ...] = ()
