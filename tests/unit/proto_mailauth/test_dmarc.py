"""DMARC: records of both standards, the tree walk, alignment, policies."""

import pytest
from tests.unit.proto_mailauth.zones import Table

from smartmail.proto.mailauth.dmarc import judge, organizational_domain, parse_dmarc, steps


def zone(**texts: str) -> Table:
    return Table({f"_dmarc.{name.replace('_', '.')}": {"TXT": [text]} for name, text in texts.items()})


async def verdict(names: Table, author: str, spf: str = "", dkim: tuple[str, ...] = ()):
    return await judge(author, spf, dkim, names.ask)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=DMARC1; p=reject", ("reject", None, None)),
        ("v=DMARC1;p=REJECT;sp=none;np=quarantine", ("reject", "none", "quarantine")),
        (" v = DMARC1 ; p = quarantine ;; ", ("quarantine", None, None)),
        ("v=DMARC1", ("none", None, None)),
        ("v=DMARC1; rua=mailto:a@b.test", ("none", None, None)),
        ("v=DMARC1; p=what; rua=mailto:a@b.test", ("none", None, None)),
        ("v=DMARC1; p=reject; sp=what; rua=mailto:a@b.test", ("none", None, None)),
        ("v=DMARC1; p=what", None),
        ("v=DMARC1; p=reject; sp=what", None),
        ("v=DMARC1; p=reject; unknown=x; rf=afrf; ri=86400; pct=50", ("reject", None, None)),
        ("v=dmarc1; p=reject", None),
        ("v=DMARC12; p=reject", None),
        ("p=reject; v=DMARC1", None),
        ("", None),
        ("v=DMARC1; p=none" + ";x=" + "y" * 5000, None),
    ],
)
def test_records(text, expected) -> None:
    found = parse_dmarc(text, "a.test")
    if expected is None:
        assert found is None
    else:
        assert (found.policy, found.subdomain_policy, found.nonexistent_policy) == expected


def test_the_other_tags() -> None:
    found = parse_dmarc(
        "v=DMARC1; p=none; adkim=s; aspf=S; psd=y; t=y; fo=1:d; rua=mailto:a@b.test!10m, https://x.test/ ,junk; ruf=mailto:c@d",
        "x",
    )
    assert (found.strict_dkim, found.strict_spf, found.psd, found.testing) == (True, True, "y", True)
    assert found.aggregate == ("mailto:a@b.test", "https://x.test/")
    assert found.failure == ("mailto:c@d",)
    plain = parse_dmarc("v=DMARC1; p=none", "x")
    assert (plain.strict_dkim, plain.strict_spf, plain.psd, plain.testing) == (False, False, "u", False)
    assert parse_dmarc("v=DMARC1; p=reject; pct=0", "x").testing
    assert not parse_dmarc("v=DMARC1; p=reject; pct=30", "x").testing


def test_the_steps_of_a_walk() -> None:
    assert steps("a.mail.example.com") == ["a.mail.example.com", "mail.example.com", "example.com", "com"]
    deep = steps("a.b.c.d.e.f.g.h.i.j.mail.example.com")
    assert deep == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com",
        "i.j.mail.example.com", "j.mail.example.com", "mail.example.com", "example.com", "com",
    ]  # fmt: skip
    assert len(steps(".".join("abcdefgh"))) == 8
    assert steps("com") == ["com"]


@pytest.mark.parametrize(
    ("records", "domain", "expected"),
    [
        # RFC 9989 §4.10.2 examples.
        (
            {"mail_example_com": "v=DMARC1; p=none", "example_com": "v=DMARC1; p=none"},
            "a.mail.example.com",
            "example.com",
        ),
        ({"com": "v=DMARC1; p=none; psd=y"}, "a.mail.example.com", "example.com"),
        ({"example_com": "v=DMARC1; p=none; psd=n", "com": "v=DMARC1; p=none"}, "a.example.com", "example.com"),
        ({"mail_example_com": "v=DMARC1; psd=n", "example_com": "v=DMARC1"}, "a.mail.example.com", "mail.example.com"),
        ({"co_test": "v=DMARC1; psd=y"}, "co.test", "co.test"),
        ({"co_test": "v=DMARC1; psd=y", "a_co_test": "v=DMARC1"}, "x.a.co.test", "a.co.test"),
        ({}, "a.mail.example.com", "a.mail.example.com"),
    ],
)
async def test_organizational_domains(records, domain, expected) -> None:
    assert await organizational_domain(domain, zone(**records).ask) == expected


async def test_of_several_records_none_counts() -> None:
    names = Table({"_dmarc.a.test": {"TXT": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]}})
    assert (await verdict(names, "a.test")).result == "none"
    names = Table({"_dmarc.a.test": {"TXT": ["v=spf1 -all", "v=DMARC1; p=reject"]}})
    assert (await verdict(names, "a.test")).result == "fail"


@pytest.mark.parametrize(
    ("modes", "author", "spf", "dkim", "expected"),
    [
        ("", "a.test", "a.test", (), ("pass", False, True)),
        ("", "a.test", "", ("a.test",), ("pass", True, False)),
        ("", "a.test", "b.a.test", (), ("pass", False, True)),
        ("", "a.test", "", ("x.test", "mail.a.test"), ("pass", True, False)),
        ("", "sub.a.test", "a.test", (), ("pass", False, True)),
        ("", "sub.a.test", "other.a.test", (), ("pass", False, True)),
        ("", "a.test", "evil.test", ("evil.test",), ("fail", False, False)),
        ("", "a.test", "nota.test", ("xa.test",), ("fail", False, False)),
        ("", "a.test", "", (), ("fail", False, False)),
        ("aspf=s", "a.test", "b.a.test", (), ("fail", False, False)),
        ("aspf=s", "a.test", "a.test", (), ("pass", False, True)),
        ("adkim=s", "a.test", "", ("b.a.test",), ("fail", False, False)),
        ("adkim=s", "a.test", "b.a.test", ("b.a.test",), ("pass", False, True)),
        ("", "A.Test", "", ("a.TEST",), ("pass", True, False)),
    ],
)
async def test_alignment(modes, author, spf, dkim, expected) -> None:
    names = zone(a_test=f"v=DMARC1; p=reject; {modes}")
    found = await verdict(names, author, spf, dkim)
    assert (found.result, found.dkim_aligned, found.spf_aligned) == expected


async def test_domains_under_a_public_suffix_are_strangers() -> None:
    names = zone(co_test="v=DMARC1; p=reject; psd=y", a_co_test="v=DMARC1; p=reject")
    assert (await verdict(names, "a.co.test", "b.co.test")).result == "fail"
    assert (await verdict(names, "x.a.co.test", "y.a.co.test")).result == "pass"


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("a.test", "reject"),
        ("here.a.test", "quarantine"),
        ("mail.a.test", "quarantine"),
        ("gone.a.test", "none"),
        ("own.a.test", "none"),
    ],
)
async def test_whose_policy_it_is(author, expected) -> None:
    names = zone(a_test="v=DMARC1; p=reject; sp=quarantine; np=none", own_a_test="v=DMARC1; p=none; sp=reject")
    names.zone["here.a.test"] = {"AAAA": ["2001:db8::1"]}
    names.zone["mail.a.test"] = {"MX": ["mx.a.test"]}
    found = await verdict(names, author)
    assert (found.result, found.policy, found.applied) == ("fail", expected, expected)


async def test_a_suffix_speaks_for_domains_without_a_policy() -> None:
    names = zone(test="v=DMARC1; p=none; np=reject; psd=y")
    assert (await verdict(names, "gone.test")).applied == "reject"
    names.zone["here.test"] = {"A": ["192.0.2.1"]}
    assert (await verdict(names, "here.test")).applied == "none"


@pytest.mark.parametrize(("policy", "applied"), [("reject", "quarantine"), ("quarantine", "none"), ("none", "none")])
async def test_a_domain_that_tries_is_taken_one_step_milder(policy, applied) -> None:
    found = await verdict(zone(a_test=f"v=DMARC1; p={policy}; t=y"), "a.test")
    assert (found.policy, found.applied) == (policy, applied)


async def test_no_answer_is_no_verdict() -> None:
    names = zone(a_test="v=DMARC1; p=reject; np=none")
    names.zone["_dmarc.test"] = {"TXT": "away"}
    assert (await verdict(names, "a.test")).result == "temperror"
    names = zone(a_test="v=DMARC1; p=reject; np=none")
    names.zone["x.a.test"] = {"A": "away"}
    assert (await verdict(names, "x.a.test")).result == "temperror"


@pytest.mark.parametrize("author", ["", "a..b", "x" * 64 + ".test"])
async def test_an_author_without_a_domain(author) -> None:
    assert (await verdict(zone(), author)).result == "permerror"


async def test_a_walk_asks_little() -> None:
    names = zone(test="v=DMARC1; p=none")
    deep = ".".join(["x"] * 60) + ".test"
    await verdict(names, deep, "y." + deep, tuple(f"z{number}.{deep}" for number in range(20)))
    assert len(names.asked) <= 8 + 12 * 8
    assert len(names.asked) == len(set(names.asked))
