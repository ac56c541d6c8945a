"""A logo whose certificate was revoked is shown to nobody; who cannot be asked is for policy; strangers are told nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from tests.flows.test_brands import CLI, arrive, house, shown, trust  # noqa: F401 -- fixtures
from tests.unit.formats.mark_house import Authority

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.ports.http import HttpAnswer, HttpFailed
from smartmail.service.flow.authentication.mark_standing import MarkStanding
from smartmail.service.kernel.clock import DAY, HOUR

LIST = "http://crl.authority.test/marks.crl"
RESPONDER = "http://ocsp.authority.test/"
MARK = "https://good.test/mark.pem"


@pytest.fixture(scope="module")
def authority():
    return Authority()


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


async def knob(house, mode: str) -> None:  # noqa: F811
    await house.services.governing.set_knob(CLI, PolicyRule("certificate.revocation", Scope("system"), mode))


async def later(house, milliseconds: int) -> None:  # noqa: F811
    """Let what was fetched be so much older, and forget lists."""
    brands = house.services.brands
    [row] = await house.store.brand_logos(["good.test"])
    await house.store.put_brand_logo(replace(row, looked_at=row.looked_at - milliseconds))
    brands._standing._lists.clear()


async def test_a_good_mark_is_shown_and_a_revoked_one_vanishes_with_the_next_mail(house, authority):  # noqa: F811
    await trust(house, authority)
    mark = house.web.pages[MARK] = authority.mark("good.test", lists=LIST)
    house.web.pages[LIST] = authority.revoked(at=now())
    await arrive(house)
    assert (await shown(house)).standing == "good"
    house.web.pages[LIST] = authority.revoked(mark, at=now())
    await arrive(house, "2")
    assert await shown(house, 2) is not None, "it was asked today"
    await later(house, DAY)
    await arrive(house, "3")
    for number in (1, 2, 3):
        assert await shown(house, number) is None
    [row] = await house.store.brand_logos(["good.test"])
    assert (row.svg, row.reason) == (b"", "its certificate was revoked")
    await knob(house, "off")
    assert await shown(house, 3) is None, "policy shows no revoked mark"


async def test_who_cannot_be_asked_hides_it_where_policy_is_hard(house, authority):  # noqa: F811
    await trust(house, authority)
    house.web.pages[MARK] = authority.mark("good.test", lists=LIST)
    await arrive(house)
    assert await shown(house) is None
    await knob(house, "soft")
    assert (await shown(house)).standing == "unknown"
    await knob(house, "hard")
    house.web.pages[LIST] = authority.revoked(at=now())
    await later(house, HOUR)
    await arrive(house, "2")
    assert (await shown(house)).standing == "good"


async def test_a_sender_who_is_away_does_not_hide_what_was_proved(house, authority):  # noqa: F811
    await trust(house, authority)
    await knob(house, "soft")
    house.web.pages[MARK] = authority.mark("good.test", lists=LIST)
    house.web.pages[LIST] = authority.revoked(at=now())
    await arrive(house)
    await later(house, DAY)
    house.web.pages.clear()
    await arrive(house, "2")
    logo = await shown(house, 2)
    assert (logo.standing, logo.svg != b"") == ("unknown", True)


async def test_a_picture_is_there_for_who_had_mail_of_it_only(house, authority):  # noqa: F811
    await trust(house, authority)
    await arrive(house)
    logo = await shown(house)
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("o.test", other)
    lee = await house.person("lee@o.test")
    await house.services.brands.trust.add_root(CLI, other, authority.pem())
    stranger = Actor(lee.id, lee.organization_id, lee.login, is_admin=False, origin=Origin("web"))
    assert await house.services.brands.picture(stranger, logo.picture) is None
    await house.services.brands._sight.note(other, "good.test")
    assert await house.services.brands.picture(stranger, logo.picture) == logo.svg


class Fixed:
    """A clock of the real time, with known octets."""

    def now(self) -> int:
        return int(now().timestamp() * 1000)

    def random(self, octets: int) -> bytes:
        return b"n" * octets


class Asked:
    """Answers with what a function makes of the question; counts."""

    def __init__(self, answers) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def request(self, method, url, *, headers=None, body=b"", max_octets=65_536, seconds=20.0):
        self.asked.append(url)
        found = self.answers.get(url)
        octets = found(body) if callable(found) else found
        if octets is None or len(octets) > max_octets:
            raise HttpFailed("away")
        return HttpAnswer(200, {}, octets)


@pytest.mark.parametrize("revoked", [False, True])
async def test_a_responder_is_asked_first(authority, revoked):
    pem = authority.mark("good.test", lists=LIST, responder=RESPONDER)
    web = Asked({RESPONDER: lambda question: authority.answer(pem, question, at=now(), revoked=revoked)})
    assert await MarkStanding(web, Fixed()).of(chain(authority, pem)) == ("revoked" if revoked else "good")
    assert web.asked == [RESPONDER]


async def test_a_dead_responder_and_a_forged_list_leave_it_unknown(authority):
    pem = authority.mark("good.test", lists=LIST, responder=RESPONDER)
    forged = Authority().revoked(pem, at=now())
    for answers in (
        {},
        {LIST: b"nothing"},
        {LIST: forged},
        {RESPONDER: b"0" * 100_000},
        {RESPONDER: b"0", LIST: forged},
    ):
        web = Asked(answers)
        assert await MarkStanding(web, Fixed()).of(chain(authority, pem)) == "unknown", answers
        assert web.asked == [RESPONDER, LIST]


async def test_an_old_list_says_nothing_good_and_a_list_is_fetched_once_an_hour(authority):
    pem = authority.mark("good.test", lists=LIST)
    old = Asked({LIST: authority.revoked(at=now() - timedelta(days=2))})
    assert await MarkStanding(old, Fixed()).of(chain(authority, pem)) == "unknown"
    web = Asked({LIST: authority.revoked(at=now())})
    standing = MarkStanding(web, Fixed())
    assert [await standing.of(chain(authority, pem)) for _ in range(3)] == ["good"] * 3
    assert web.asked == [LIST]


async def test_a_mark_that_names_nobody_asks_nobody(authority):
    web = Asked({})
    assert await MarkStanding(web, Fixed()).of(chain(authority, authority.mark("good.test"))) == "none"
    assert web.asked == []


def chain(authority, pem):
    return (x509.load_pem_x509_certificates(pem)[0], authority.root)
