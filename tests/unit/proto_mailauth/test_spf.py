"""SPF: the examples of RFC 7208, its limits and its grammar, case by case."""

import time

import pytest
from tests.unit.proto_mailauth.zones import Table

from smartmail.proto.mailauth.spf import MAX_LOOKUPS, check_host
from smartmail.proto.mailauth.spf_macros import MacroError, expand, parse_domain_spec, parse_macro_string
from smartmail.proto.mailauth.spf_record import RecordError, is_spf, parse_spf

# RFC 7208 appendix A: the zone of example.com.
EXAMPLE = {
    "example.com": {"MX": ["mail-a.example.com", "mail-b.example.com"], "A": ["192.0.2.10", "192.0.2.11"]},
    "amy.example.com": {"A": ["192.0.2.65"]},
    "bob.example.com": {"A": ["192.0.2.66"]},
    "mail-a.example.com": {"A": ["192.0.2.129"]},
    "mail-b.example.com": {"A": ["192.0.2.130"]},
    "www.example.com": {"A": ["192.0.2.10"]},
    "example.org": {"MX": ["mail-c.example.org"]},
    "mail-c.example.org": {"A": ["192.0.2.140"]},
    "192.0.2.10": {"PTR": ["example.com"]},
    "192.0.2.65": {"PTR": ["amy.example.com"]},
    "192.0.2.66": {"PTR": ["bob.example.com"]},
    "192.0.2.129": {"PTR": ["mail-a.example.com"]},
    "192.0.2.140": {"PTR": ["mail-c.example.org"]},
    "10.0.0.4": {"PTR": ["bob.example.com"]},
}


async def result(zone, address="192.0.2.65", sender="strong-bad@email.example.com", domain=None, helo="mx.example.org"):
    names = zone if isinstance(zone, Table) else Table(zone)
    return await check_host(
        address, domain or sender.rpartition("@")[2], sender, helo, names.ask, by="mx.test", now=1_700_000_000
    )


async def simple(record: str, address: str = "192.0.2.65", more=None, **options):
    zone = {**EXAMPLE, **(more or {})}
    zone["example.com"] = {**EXAMPLE["example.com"], "TXT": [record]}
    return await result(zone, address, "joe@example.com", **options)


# RFC 7208 A.1 and A.2: record → the addresses of the example that may send.
@pytest.mark.parametrize(
    ("record", "may"),
    [
        ("v=spf1 +all", {"192.0.2.129", "192.0.2.10", "192.0.2.65", "192.0.2.140"}),
        ("v=spf1 a -all", {"192.0.2.10"}),
        ("v=spf1 a:example.org -all", set()),
        ("v=spf1 mx -all", {"192.0.2.129"}),
        ("v=spf1 mx:example.org -all", {"192.0.2.140"}),
        ("v=spf1 mx mx:example.org -all", {"192.0.2.129", "192.0.2.140"}),
        ("v=spf1 mx/30 mx:example.org/30 -all", {"192.0.2.129", "192.0.2.140"}),
        ("v=spf1 ptr -all", {"192.0.2.10", "192.0.2.65", "192.0.2.129"}),
        ("v=spf1 ip4:192.0.2.128/28 -all", {"192.0.2.129", "192.0.2.140"}),
        ("v=spf1 exists:%{i}.ok.test -all", {"192.0.2.65"}),
    ],
)
async def test_the_examples_of_the_appendix(record, may) -> None:
    more = {"192.0.2.65.ok.test": {"A": ["127.0.0.2"]}}
    for address in ("192.0.2.129", "192.0.2.10", "192.0.2.65", "192.0.2.140"):
        found = await simple(record, address, more)
        assert found.result == ("pass" if address in may else "fail"), address


async def test_a_name_that_does_not_lead_back_is_no_name() -> None:
    assert (await simple("v=spf1 ptr -all", "10.0.0.4")).result == "fail"


# RFC 7208 §7.4, with the values it names.
@pytest.mark.parametrize(
    ("macro", "address", "expanded"),
    [
        ("%{s}", "192.0.2.3", "strong-bad@email.example.com"),
        ("%{o}", "192.0.2.3", "email.example.com"),
        ("%{d}", "192.0.2.3", "email.example.com"),
        ("%{d4}", "192.0.2.3", "email.example.com"),
        ("%{d2}", "192.0.2.3", "example.com"),
        ("%{d1}", "192.0.2.3", "com"),
        ("%{dr}", "192.0.2.3", "com.example.email"),
        ("%{d2r}", "192.0.2.3", "example.email"),
        ("%{l}", "192.0.2.3", "strong-bad"),
        ("%{l-}", "192.0.2.3", "strong.bad"),
        ("%{lr}", "192.0.2.3", "strong-bad"),
        ("%{lr-}", "192.0.2.3", "bad.strong"),
        ("%{l1r-}", "192.0.2.3", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "192.0.2.3", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "192.0.2.3", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "192.0.2.3", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "192.0.2.3", "example.com.trusted-domains.example.net"),
        (
            "%{ir}.%{v}._spf.%{d2}",
            "2001:db8::cb01",
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com",
        ),
    ],
)
async def test_macros(macro, address, expanded) -> None:
    zone = Table({"email.example.com": {"TXT": [f"v=spf1 exists:{macro}.x.test -all"]}})
    await result(zone, address)
    assert zone.asked[-1] == (f"{expanded}.x.test", "A")


async def test_the_explanation_is_the_domain_s_own_text_for_a_fail_alone() -> None:
    more = {"why.test": {"TXT": ["%{i} is not one of %{d}%_%{c} %{r} %{t}"]}}
    found = await simple("v=spf1 mx -all exp=why.test", "10.1.1.1", more)
    assert found.explanation == "10.1.1.1 is not one of example.com 10.1.1.1 mx.test 1700000000"
    assert (await simple("v=spf1 mx ~all exp=why.test", "10.1.1.1", more)).explanation == ""
    for text in (["%{x} bad"], ["a", "b"], ["café"], ["line\nbreak"], []):
        found = await simple("v=spf1 -all exp=why.test", "10.1.1.1", {"why.test": {"TXT": text}})
        assert (found.result, found.explanation) == ("fail", "")


@pytest.mark.parametrize(
    ("record", "address", "expected"),
    [
        ("v=spf1", "192.0.2.1", "neutral"),
        ("v=spf1 ", "192.0.2.1", "neutral"),
        ("V=SPF1 -ALL", "192.0.2.1", "fail"),
        ("v=spf10 -all", "192.0.2.1", "none"),
        ("v=spf1  ~all  ", "192.0.2.1", "softfail"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "::ffff:192.0.2.1", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8:1::1", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "192.0.2.1", "fail"),
        ("v=spf1 ip4:0.0.0.0/0 -all", "203.0.113.9", "pass"),
        ("v=spf1 a:example.com/24//64 -all", "192.0.2.200", "pass"),
        ("v=spf1 a//64 -all", "192.0.2.10", "pass"),
        ("v=spf1 unknown=whatever%{d} -all", "192.0.2.1", "fail"),
        ("v=spf1 redirect=_spf.test", "192.0.2.1", "pass"),
        ("v=spf1 redirect=_spf.test ?all", "192.0.2.1", "neutral"),
        ("v=spf1 redirect=none.test", "192.0.2.1", "permerror"),
        ("v=spf1 include:_spf.test -all", "192.0.2.1", "pass"),
        ("v=spf1 include:failing.test ~all", "192.0.2.1", "softfail"),
        ("v=spf1 include:none.test ~all", "192.0.2.1", "permerror"),
        ("v=spf1 include:away.test ~all", "192.0.2.1", "temperror"),
        ("v=spf1 mx:away.test ~all", "192.0.2.1", "temperror"),
        ("v=spf1 a:a..b.test -all", "192.0.2.1", "fail"),
        # Errors anywhere void the record, though a term before them would match.
        ("v=spf1 +all ip4:300.1.1.1", "192.0.2.1", "permerror"),
        ("v=spf1 +all ip4:192.0.2.0/33", "192.0.2.1", "permerror"),
        ("v=spf1 +all ip4:192.0.2.0/024", "192.0.2.1", "permerror"),
        ("v=spf1 +all ip6:fe80::1%eth0", "192.0.2.1", "permerror"),
        ("v=spf1 +all ip4", "192.0.2.1", "permerror"),
        ("v=spf1 +all:x", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:/24", "192.0.2.1", "permerror"),
        ("v=spf1 +all a/33", "192.0.2.1", "permerror"),
        ("v=spf1 +all a/24/64", "192.0.2.1", "permerror"),
        ("v=spf1 +all ptr/8", "192.0.2.1", "permerror"),
        ("v=spf1 +all include", "192.0.2.1", "permerror"),
        ("v=spf1 +all exists:", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:com", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:x.111", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:%{z}.test", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:%{c}.test", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:%{d0}.test", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:%{d.test", "192.0.2.1", "permerror"),
        ("v=spf1 +all a:%d.test", "192.0.2.1", "permerror"),
        ("v=spf1 +all exp=a.test exp=a.test", "192.0.2.1", "permerror"),
        ("v=spf1 redirect=_spf.test redirect=_spf.test", "192.0.2.1", "permerror"),
        ("v=spf1 +all what", "192.0.2.1", "permerror"),
        ("v=spf1 +all --all", "192.0.2.1", "permerror"),
        ("v=spf1 +all x=%{zz}", "192.0.2.1", "permerror"),
        ("v=spf1 +all é", "192.0.2.1", "permerror"),
    ],
)
async def test_records(record, address, expected) -> None:
    more = {
        "_spf.test": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
        "failing.test": {"TXT": ["v=spf1 -all"]},
        "away.test": {"TXT": "away", "MX": "away"},
    }
    assert (await simple(record, address, more)).result == expected


async def test_two_records_count_as_an_error_and_others_are_passed_over() -> None:
    zone = {
        "a.test": {"TXT": ["v=spf1 -all", "v=spf1 +all"]},
        "b.test": {"TXT": ["google=1", "v=spf1 -all", "v=spf2.0"]},
    }
    assert (await result(zone, sender="x@a.test")).result == "permerror"
    assert (await result(zone, sender="x@b.test")).result == "fail"


@pytest.mark.parametrize("terms", [MAX_LOOKUPS, MAX_LOOKUPS + 1])
async def test_ten_terms_ask_and_no_more(terms) -> None:
    record = "v=spf1 " + " ".join(f"exists:x{number}.test" for number in range(terms)) + " -all"
    more = {f"x{number}.test": {} for number in range(terms)}
    found = await simple(record.replace("exists", "a"), "10.0.0.1", {name: {"A": ["10.9.9.9"]} for name in more})
    assert found.result == ("fail" if terms == MAX_LOOKUPS else "permerror")


async def test_two_empty_answers_and_no_more() -> None:
    assert (await simple("v=spf1 a:x1.test a:x2.test ?all", "10.0.0.1")).result == "neutral"
    assert (await simple("v=spf1 a:x1.test a:x2.test mx:x3.test ?all", "10.0.0.1")).result == "permerror"


async def test_a_circle_of_includes_ends() -> None:
    zone = Table({"a.test": {"TXT": ["v=spf1 include:b.test -all"]}, "b.test": {"TXT": ["v=spf1 include:a.test -all"]}})
    assert (await result(zone, sender="x@a.test")).result == "permerror"
    assert len(zone.asked) <= MAX_LOOKUPS + 2


async def test_ten_exchangers_and_no_more() -> None:
    hosts = [f"h{number}.test" for number in range(11)]
    more = {"many.test": {"MX": hosts}, **{host: {"A": ["10.9.9.9"]} for host in hosts}}
    assert (await simple("v=spf1 mx:many.test -all", "10.0.0.1", more)).result == "permerror"
    more["many.test"] = {"MX": hosts[:10]}
    assert (await simple("v=spf1 mx:many.test -all", "10.0.0.1", more)).result == "fail"


@pytest.mark.parametrize("domain", ["localhost", "", "a..b", "x" * 64 + ".test", "192.0.2.1", "[192.0.2.1]"])
async def test_what_is_no_domain_has_no_policy(domain) -> None:
    assert (await check_host("192.0.2.1", domain, "", domain, Table({}).ask)).result == "none"


async def test_without_a_sender_postmaster_of_the_greeting_is_judged() -> None:
    zone = Table({"mx.test": {"TXT": ["v=spf1 exists:%{l}.%{o}.x.test -all"]}})
    await check_host("192.0.2.1", "mx.test", "", "mx.test", zone.ask)
    assert zone.asked[-1] == ("postmaster.mx.test.x.test", "A")


async def test_a_korean_domain_is_asked_for_by_its_a_label() -> None:
    zone = Table({"xn--3e0b707e.test": {"TXT": ["v=spf1 -all"]}})
    assert (await result(zone, sender="x@한국.test")).result == "fail"


async def test_a_name_that_grew_too_long_loses_its_left_labels() -> None:
    zone = Table({"a.test": {"TXT": ["v=spf1 exists:%{l}.%{l}.%{l}.%{l}.%{l}.end.test -all"]}})
    await result(zone, sender="x" * 60 + "@a.test")
    assert zone.asked[-1] == (".".join(["x" * 60] * 4) + ".end.test", "A")


def test_a_domain_spec_ends_with_a_top_label_or_a_macro() -> None:
    for good in ("a.test", "a.test.", "%{d}", "a.%{d2r}", "_x.a-b.t-t", "a.1a"):
        assert parse_domain_spec(good)
    for bad in ("", "test", "a.-b", "a.b-", "a.1", "a.test/", "%%", "a.%_"):
        with pytest.raises(MacroError):
            parse_domain_spec(bad)


async def test_capital_macros_are_escaped() -> None:
    async def values(letter: str) -> str:
        return "a b/@é"

    assert await expand(parse_macro_string("%{S}-%{s}", explaining=True), values) == "a%20b%2F%40%C3%A9-a b/@é"


def test_records_are_bounded() -> None:
    assert is_spf("v=spf1 " + "a " * 600)
    for text in ("v=spf1 " + "a " * 600, "v=spf1 " + "x=" + "y" * 20_000):
        with pytest.raises(RecordError):
            parse_spf(text)


async def test_a_record_that_makes_a_name_of_megabytes_takes_no_time() -> None:
    zone = {"a.test": {"TXT": ["v=spf1 exists:" + "%{h}." * 3_000 + "x.test -all"]}}
    began = time.process_time()
    assert (await result(zone, sender="x@a.test", helo="a." * 120 + "test")).result == "fail"
    assert time.process_time() - began < 0.5
