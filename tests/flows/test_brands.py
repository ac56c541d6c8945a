"""Logos of senders (BIMI): fetched behind proved mail, shown only where an authority of the organisation confirmed them."""

import pytest
from tests.flows.authenticated import message, send, signed, zones
from tests.flows.house import compose_house, serve
from tests.unit.formats.mark_house import LOGO, Authority

from smartmail.domain.ids import MessageId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.ports.http import HttpAnswer, HttpFailed

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
RECORD = "v=BIMI1; l=https://good.test/logo.svg; a=https://good.test/mark.pem"


class Web:
    """The web out of a table; `asked` tells what was fetched."""

    def __init__(self):
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []

    async def request(self, method, url, *, headers=None, body=b"", max_octets=65_536, seconds=20.0):
        self.asked.append(url)
        if url not in self.pages or len(self.pages[url]) > max_octets:
            raise HttpFailed("no such page")
        return HttpAnswer(200, {}, self.pages[url])


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
async def house(tmp_path, authority):
    names, web = zones(), Web()
    names.texts["default._bimi.good.test"] = RECORD
    names.texts["default._bimi.soft.test"] = RECORD.replace("good", "soft")
    web.pages = {"https://good.test/logo.svg": LOGO, "https://good.test/mark.pem": authority.mark("good.test")}
    async with compose_house(tmp_path, resolver=names, http=web) as opened:
        opened.organization = await opened.services.provisioning.organization("test")
        await opened.services.directory.add_domain("a.test", opened.organization)
        async with serve(opened):
            await opened.person("kim@a.test")
            opened.zones, opened.web = names, web
            yield opened


async def trust(house, authority):
    return await house.services.brands.trust.add_root(CLI, house.organization, authority.pem())


async def arrive(house, text="1", sender="a@good.test"):
    octets = message(sender, text)
    await send(house, signed(octets), sender)
    await house.services.brands.settle()


async def shown(house, number=1):
    account = house.accounts["kim@a.test"]
    actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("web"))
    found = await house.services.findings.of(actor, account.id, [MessageId(number)])
    return (await house.services.brands.shown(actor, found)).get(MessageId(number))


async def test_a_proved_logo_is_shown_and_fetched_once(house, authority):
    await trust(house, authority)
    await arrive(house)
    logo = await shown(house)
    assert (logo.svg, logo.domain, logo.issuer, logo.owner, logo.kind) == (
        LOGO, "good.test", "Mark Authority", "Brand Co", "verified",
    )  # fmt: skip
    account = house.accounts["kim@a.test"]
    reader = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("web"))
    assert await house.services.brands.picture(reader, logo.picture) == LOGO
    fetched = list(house.web.asked)
    await arrive(house, "2")
    assert await shown(house, 2) == logo
    # Nor does reading ask anybody.
    assert house.web.asked == fetched == ["https://good.test/mark.pem", "https://good.test/logo.svg"]


async def test_nothing_is_fetched_where_nobody_is_trusted_or_policy_says_no(house, authority):
    await arrive(house)
    assert house.web.asked == []
    await trust(house, authority)
    await house.services.governing.set_knob(CLI, PolicyRule("brand.logos", Scope("system"), False))
    await arrive(house, "2")
    assert house.web.asked == []
    assert await shown(house, 2) is None


async def test_an_authority_that_is_trusted_no_more_shows_nothing(house, authority):
    row = await trust(house, authority)
    await arrive(house)
    assert await shown(house) is not None
    await house.services.brands.trust.remove_root(CLI, house.organization, row.fingerprint)
    assert await shown(house) is None


async def test_policy_takes_it_away_at_once(house, authority):
    await trust(house, authority)
    await arrive(house)
    await house.services.governing.set_knob(CLI, PolicyRule("brand.logos", Scope("system"), False))
    assert await shown(house) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"https://good.test/logo.svg": LOGO.replace(b"#0a5", b"#f00")}, "not the one in the certificate"),
        ({"https://good.test/mark.pem": b"nothing"}, "not certificates"),
        ({"https://good.test/logo.svg": LOGO + b" " * 70_000}, "not fetched"),
    ],
)
async def test_what_does_not_fit_is_not_shown_and_says_why(house, authority, change, why):
    await trust(house, authority)
    house.web.pages.update(change)
    await arrive(house)
    assert await shown(house) is None
    [row] = await house.store.brand_logos(["good.test"])
    assert why in row.reason


async def test_mail_that_dmarc_does_not_prove_has_none(house, authority):
    await trust(house, authority)
    await send(house, message("a@soft.test"), "x@good.test")
    await house.services.brands.settle()
    assert house.web.asked == []
    assert await shown(house) is None


async def test_a_policy_that_is_not_enforced_shows_none(house, authority):
    await trust(house, authority)
    house.zones.texts["_dmarc.good.test"] = "v=DMARC1; p=none"
    await arrive(house)
    assert (house.web.asked, await shown(house)) == ([], None)
