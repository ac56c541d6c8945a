"""Mark certificates: what proves a logo, and everything that proves none."""

import pytest
from tests.unit.formats.mark_house import AT, LOGO, Authority

from smartmail.formats.mark_certificate import MarkError, prove

DAY = 24 * 3600


@pytest.fixture(scope="module")
def authority():
    return Authority()


def test_a_good_certificate_proves_its_logo(authority):
    mark = prove(authority.mark("brand.example"), "brand.example", [authority.root], at=AT)
    assert (mark.svg, mark.kind, mark.owner, mark.issuer) == (LOGO, "verified", "Brand Co", "Mark Authority")
    assert mark.until == AT + 300 * DAY
    selector = authority.mark("default._bimi.brand.example", kind="Prior Use Mark")
    assert prove(selector, "brand.example", [authority.root], at=AT).kind == "common"


@pytest.mark.parametrize(
    ("values", "domain", "why"),
    [
        ({}, "other.example", "other domains"),
        ({}, "sub.brand.example", "other domains"),
        ({"purpose": "1.3.6.1.5.5.7.3.1"}, "brand.example", "not for brand indicators"),
        ({"digest": b"x" * 32}, "brand.example", "not the one that was signed"),
        ({"logo": LOGO.replace(b"<rect", b"<script/><rect")}, "brand.example", "may not be shown"),
        ({"days": -1}, "brand.example", "signed it"),
    ],
)
def test_what_proves_nothing(authority, values, domain, why):
    with pytest.raises(MarkError, match=why):
        prove(authority.mark("brand.example", **values), domain, [authority.root], at=AT)


def test_only_an_authority_that_is_trusted_counts(authority):
    pem = authority.mark("brand.example")
    with pytest.raises(MarkError, match="no authority is trusted"):
        prove(pem, "brand.example", [], at=AT)
    with pytest.raises(MarkError, match="signed it"):
        prove(pem, "brand.example", [Authority("Somebody").root], at=AT)
    with pytest.raises(MarkError, match="signed it"):
        prove(pem, "brand.example", [authority.root], at=AT + 301 * DAY)
    for broken in (b"", b"no certificate", authority.pem(), pem + pem, pem * 20000):
        with pytest.raises(MarkError):
            prove(broken, "brand.example", [authority.root], at=AT)
