"""Lists of senders: who is let through or kept out, for whom; what no list lets through; what people type."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flows.held import letter, put
from tests.jmap_server.jmap_house import open_house

from smartmail.domain.errors import Forbidden, Invalid, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.inspection import AuthResult, Reason
from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.quarantine import RULE_KINDS, RulePlace
from smartmail.service.kernel.inspection.service import InspectionService
from smartmail.service.protection.filtering.lists import SYSTEM, ListInspector, own_place, subject_of
from smartmail.service.protection.filtering.verdict import VerdictInspector

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


class Before:
    """What steps before the lists found."""

    name = "before"

    def __init__(self) -> None:
        self.score, self.virus, self.act, self.country, self.auth = 0.0, "", "", "", ()
        self.seen = None

    async def examine(self, specimen) -> None:
        findings = self.seen = specimen.findings
        findings.reasons.append(Reason("learned", self.score))
        findings.authentication += [AuthResult(*one) for one in self.auth]
        findings.aligned = ("dmarc", "pass") in self.auth
        findings.country = self.country
        if self.virus:
            findings.virus, findings.nature = self.virus, "malware"
            findings.demand("quarantine")
        if self.act:
            findings.demand(self.act, "DMARC of our own domain")


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        for login in ("kim@a.example", "lee@a.example"):
            await opened.person(login)
        opened.before = Before()
        opened.services.delivery.inspection = InspectionService(
            [opened.before, ListInspector(opened.services.sender_lists), VerdictInspector(opened.services.policy)]
        )
        yield opened


async def judged(house, *recipients, sender="보낸이 <deal@outside.test>", score=0.0, address="192.0.2.7", **before):
    """Bring a message in; return the act and the rules that counted."""
    clean = Before()
    for name in ("virus", "act", "country", "auth"):
        setattr(house.before, name, before.get(name, getattr(clean, name)))
    house.before.score = score
    try:
        await put(house, letter(f"hello {score}", sender), *recipients, sender="", address=address)
    except PolicyRejected:
        pass
    findings = house.before.seen
    return findings.act, [one.rule for one in findings.reasons if one.rule.startswith("list-")]


def mine(house, login="kim@a.example"):
    return own_place(house.accounts[login].id)


@pytest.mark.parametrize(
    "subject", ["deal@outside.test", "DEAL@Outside.Test", "outside.test", "*.test", "192.0.2.7", "192.0.2.0/24", "NL"]
)
async def test_a_block_by_each_kind_of_subject_and_its_hits(house, subject):
    assert await judged(house, country="NL") == ("deliver", [])
    made = await house.services.sender_lists.put(CLI, SYSTEM, "block", subject)
    assert await judged(house, country="NL") == ("reject", ["list-block"])
    [kept] = await house.services.sender_lists.rules(SYSTEM)
    assert (kept.row.id, kept.row.hits) == (made.row.id, 1)
    assert kept.row.hit_at
    await house.services.sender_lists.remove(CLI, SYSTEM, made.row.id)
    assert await judged(house, country="NL") == ("deliver", [])


@pytest.mark.parametrize(
    "subject", ["deal@outside2.test", "side.test", "xoutside.test", "192.0.3.0/24", "KR", "a@outside.test"]
)
async def test_a_rule_about_somebody_else_does_nothing(house, subject):
    await house.services.sender_lists.put(CLI, SYSTEM, "block", subject)
    assert await judged(house, country="NL") == ("deliver", [])


async def test_a_department_keeps_somebody_out_for_all_below_it_and_for_nobody_else(house):
    kim, lee = (house.accounts[f"{name}@a.example"] for name in ("kim", "lee"))
    departments, home = house.services.organization.departments, kim.organization_id
    top = await departments.create(CLI, home, "영업", code="sales")
    await departments.create(CLI, home, "국내", code="home", parent_id=top.id)
    wanted = Wanted(login=kim.login, seats=(WantedSeat("home", ""),))
    await house.services.organization.people.perform(CLI, Step(kind="change", account_id=kim.id, wanted=wanted))
    place = RulePlace("department", f"{home}:sales")
    made = await house.services.sender_lists.put(CLI, place, "block", "outside.test")
    assert await judged(house, "kim@a.example") == ("reject", ["list-block"])
    assert await judged(house, lee.login) == ("deliver", [])
    # A person's own word does not lift it.
    await house.services.sender_lists.put(CLI, mine(house), "allow", "outside.test")
    assert await judged(house, "kim@a.example") == ("reject", ["list-block"])
    await house.services.sender_lists.remove(CLI, place, made.row.id)
    assert await judged(house, "kim@a.example") == ("deliver", ["list-allow"])
    for unknown in (f"{home}:nowhere", "999:sales", "sales"):
        with pytest.raises(NotFound):
            await house.services.sender_lists.put(CLI, RulePlace("department", unknown), "block", "outside.test")


async def test_every_level_holds_for_its_own(house):
    organization = RulePlace("organization", str(house.accounts["kim@a.example"].organization_id))
    lists = house.services.sender_lists
    for place in (mine(house), RulePlace("domain", "a.example"), organization, SYSTEM):
        made = await lists.put(CLI, place, "allow", "outside.test")
        assert await judged(house, score=14) == ("deliver", ["list-allow"]), place
        await lists.remove(CLI, place, made.row.id)
    for place in (mine(house, "lee@a.example"), RulePlace("organization", "999")):
        if place.level == "account":
            await lists.put(CLI, place, "allow", "outside.test")
        assert await judged(house, score=14) == ("quarantine", [])


async def test_an_allow_never_lets_through_malware_or_what_dmarc_refuses_for_a_domain_of_ours(house):
    await house.services.sender_lists.put(CLI, mine(house), "allow", "deal@outside.test")
    assert (await judged(house, score=14))[0] == "deliver"
    assert await judged(house, virus="Eicar") == ("quarantine", ["list-allow"])
    assert await judged(house, act="reject") == ("reject", ["list-allow"])


@pytest.mark.parametrize(
    ("auth", "counts"),
    [
        ((("dmarc", "fail"), ("spf", "pass")), False), ((("dmarc", "none"), ("spf", "fail"), ("dkim", "none")), False),
        ((("dmarc", "none"), ("spf", "softfail"), ("dkim", "pass")), True), ((("dmarc", "temperror"),), False),
        ((("dmarc", "pass"), ("spf", "fail")), True), ((("dmarc", "none"), ("spf", "none")), True),
    ],
)  # fmt: skip
async def test_a_forged_sender_is_not_let_through_by_name(house, auth, counts):
    await house.services.sender_lists.put(CLI, mine(house), "allow", "outside.test")
    expected = ("deliver", ["list-allow"]) if counts else ("quarantine", ["list-unproved"])
    assert await judged(house, score=14, auth=auth) == expected
    # The host is no claim: a network counts all the same.
    await house.services.sender_lists.put(CLI, mine(house), "allow", "192.0.2.0/24")
    assert (await judged(house, score=14, auth=auth))[0] == "deliver"


async def test_an_administrators_block_is_not_lifted_by_a_person_but_by_an_exception_of_theirs(house):
    lists = house.services.sender_lists
    await lists.put(CLI, SYSTEM, "block", "outside.test")
    await lists.put(CLI, mine(house), "allow", "deal@outside.test")
    assert await judged(house) == ("reject", ["list-block"])
    await lists.put(CLI, RulePlace("domain", "a.example"), "allow", "deal@outside.test")
    assert await judged(house, score=14) == ("deliver", ["list-allow"])
    await lists.put(CLI, mine(house), "block", "deal@outside.test")
    assert await judged(house) == ("reject", ["list-block"])


async def lies_in(house, login, role):
    account = house.accounts[login]
    box = await house.services.mailboxes.by_role(house.actor(account), account.id, role)
    return (await house.store.list_messages(account.id, box.row.id, position=0, limit=9))[1]


@pytest.mark.parametrize(
    ("act", "score", "alone", "together"), [("allow", 14, "quarantine", "deliver"), ("block", 0, "deliver", "reject")]
)
async def test_a_message_to_several_has_one_fate_where_all_say_the_same(house, act, score, alone, together):
    lists, both = house.services.sender_lists, ("kim@a.example", "lee@a.example")
    for login in both:
        assert await judged(house, *both, score=score) == (alone, [])
        await lists.put(CLI, mine(house, login), act, "outside.test")
    assert await judged(house, *both, score=score) == (together, [f"list-{act}"])
    [kept] = await lists.rules(mine(house, "lee@a.example"))
    assert kept.row.hits == 1


async def test_each_copy_goes_where_its_persons_list_wants_it(house):
    lists, both = house.services.sender_lists, ("kim@a.example", "lee@a.example")
    await lists.put(CLI, mine(house), "block", "outside.test")
    assert await judged(house, *both) == ("deliver", [])
    assert (await lies_in(house, "kim@a.example", "junk"), await lies_in(house, "lee@a.example", "inbox")) == (1, 1)
    assert (await lies_in(house, "kim@a.example", "inbox"), await lies_in(house, "lee@a.example", "junk")) == (0, 0)
    # What is Junk for all: one of them has allowed it.
    await lists.put(CLI, mine(house), "allow", "outside.test")
    assert await judged(house, *both, score=7) == ("junk", [])
    assert (await lies_in(house, "kim@a.example", "inbox"), await lies_in(house, "lee@a.example", "junk")) == (1, 1)
    # Why is told to the person alone.
    found = {}
    for login in both:
        account = house.accounts[login]
        ids = [row.id for row in await house.store.all_messages(account.id)]
        kept = await house.services.findings.of(house.actor(account), account.id, ids)
        found[login] = {reason.rule for one in kept.values() for reason in one.reasons}
    assert {"list-block", "list-allow"} <= found["kim@a.example"]
    assert not {"list-block", "list-allow"} & found["lee@a.example"]


async def test_one_persons_allow_lets_no_malware_out_of_quarantine(house):
    await house.services.sender_lists.put(CLI, mine(house), "allow", "outside.test")
    assert (await judged(house, "kim@a.example", "lee@a.example", virus="Eicar"))[0] == "quarantine"
    assert await lies_in(house, "kim@a.example", "inbox") == 0


async def test_a_rule_that_has_ended_does_nothing(house):
    lists = house.services.sender_lists
    now = lists._clock.now
    with pytest.raises(Invalid):
        await lists.put(CLI, SYSTEM, "block", "outside.test", expires_at=now() - 1)
    await lists.put(CLI, SYSTEM, "block", "outside.test", expires_at=now() + 60_000)
    assert (await judged(house))[0] == "reject"

    class Later:
        def __getattr__(self, name):
            return getattr(house.services.learning._clock, name)

        def now(self):
            return now() + 61_000

    lists._clock = Later()
    assert (await judged(house))[0] == "deliver"
    assert await lists.drop_old() == 1


async def test_lists_belong_to_their_owner_and_the_administrators(house):
    lists, kim = house.services.sender_lists, house.actor(house.accounts["kim@a.example"])
    await lists.put(kim, mine(house), "block", "x.test")
    organization = RulePlace("organization", str(kim.organization_id))
    for place in (mine(house, "lee@a.example"), organization, SYSTEM, RulePlace("domain", "a.example")):
        with pytest.raises(Forbidden):
            await lists.put(kim, place, "block", "x.test")
        with pytest.raises(Forbidden):
            await lists.remove(kim, place, 1)
    account = await house.person("chief@a.example", is_admin=True)
    chief = Actor(account.id, kim.organization_id, account.login, is_admin=True, origin=Origin("admin"))
    await house.services.provisioning.organization("another one")  # so that the system's is nobody's alone
    for place in (mine(house, "lee@a.example"), organization, RulePlace("domain", "a.example")):
        await lists.put(chief, place, "block", "x.test")
    with pytest.raises(Forbidden):
        await lists.put(chief, SYSTEM, "block", "x.test")
    with pytest.raises(NotFound):
        await lists.put(CLI, RulePlace("domain", "nobody.example"), "block", "x.test")


async def test_what_a_list_holds_is_sealed(house, tmp_path):
    await house.services.sender_lists.put(CLI, SYSTEM, "block", "secret-supplier.test")
    await house.store.close()
    for file in tmp_path.iterdir():
        if file.is_file():
            assert b"secret-supplier" not in file.read_bytes()


FILE = b"MZ" + bytes(range(256))


def infected() -> bytes:
    """A message with a link and a file."""
    coded = base64.encodebytes(FILE).decode().replace("\n", "\r\n")
    inner = (
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n보세요 https://login.evil.test/verify?user=kim#top\r\n"
        f"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.exe\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{coded}--b--"
    )
    return letter("hello", body=inner).replace(
        b"text/plain; charset=utf-8\r\nContent-Transfer", b"multipart/mixed; boundary=b\r\nContent-Transfer", 1
    )


@pytest.mark.parametrize(
    "subject",
    ["https://login.evil.test/verify", "hxxps://LOGIN.evil.test/verify?x=1", hashlib.sha256(FILE).hexdigest().upper()],
)
async def test_a_link_or_a_file_is_kept_out(house, subject):
    house.before.score = 0
    assert (await put(house, infected())).results == (None,)
    made = await house.services.sender_lists.put(CLI, SYSTEM, "block", subject)
    assert made.row.kind in {"url", "file"}
    with pytest.raises(PolicyRejected):
        await put(house, infected())
    with pytest.raises(Invalid):
        await house.services.sender_lists.put(CLI, SYSTEM, "allow", subject)
    await house.services.sender_lists.remove(CLI, SYSTEM, made.row.id)
    await house.services.sender_lists.put(CLI, SYSTEM, "block", "login.evil.test", "url")
    with pytest.raises(PolicyRejected):
        await put(house, infected())
    await put(house, letter("hello", body="https://evil.test/verify https://x.login.evil.test/"))


@given(st.text(max_size=40), st.sampled_from([None, *RULE_KINDS]))
def test_whatever_is_typed_is_a_subject_or_invalid_and_reads_the_same_again(text, kind):
    try:
        found = subject_of(text, kind)
    except Invalid:
        return
    assert subject_of(found[1], found[0]) == found
