"""What a domain should publish of its senders, and which other records do as well."""

import pytest

from smartmail.service.people.sender_policies import dmarc_holds, dmarc_text, spf_covers, spf_text


def test_the_smarthost_is_a_sender_too():
    assert spf_text([]) == "v=spf1 mx -all"
    assert spf_text(["out.isp.example", "out.isp.example"]) == "v=spf1 mx a:out.isp.example ~all"


@pytest.mark.parametrize(
    ("published", "wanted", "covers"),
    [
        ("v=spf1 mx -all", "v=spf1 mx -all", True),
        ("V=SPF1 +mx include:spf.crm.example ~all", "v=spf1 mx -all", True),
        ("v=spf1 ip4:192.0.2.1 -all", "v=spf1 mx -all", False),
        ("v=spf1 mx +all", "v=spf1 mx -all", False),
        ("v=spf1 mx all", "v=spf1 mx -all", False),
        ("v=spf1 mx -all", "v=spf1 mx a:out.isp.example ~all", False),
        ("v=spf1 mx a:out.isp.example ~all", "v=spf1 mx a:out.isp.example ~all", True),
        ("v=spf1 mx include:isp.example ~all", "v=spf1 mx a:out.isp.example ~all", True),
        ("spf2.0/pra mx -all", "v=spf1 mx -all", False),
        ("", "v=spf1 mx -all", False),
    ],
)
def test_what_is_published_is_judged_by_whom_it_lets_through(published, wanted, covers):
    assert spf_covers(published, wanted) is covers


def test_any_policy_of_one_record_will_do():
    assert dmarc_text("a.example") == "v=DMARC1; p=none; rua=mailto:postmaster@a.example"
    for policy in ("none", "quarantine", "reject"):
        assert dmarc_holds([f"v=DMARC1; p={policy}", "something else"], "a.example")
    assert not dmarc_holds([], "a.example")
    assert not dmarc_holds(["v=DMARC1; p=none", "v=DMARC1; p=reject"], "a.example")
