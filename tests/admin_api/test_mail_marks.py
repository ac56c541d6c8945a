"""Mark authorities and logos over the admin API; and what of a copy's fate a role does not show."""

from tests.unit.formats.mark_house import Authority

from smartmail.domain.brands import BrandLogo
from smartmail.domain.trace import Event, Facts
from smartmail.edge.httpd.admin.resources.trace import _told
from smartmail.service.flow.tracing.service import Story


async def test_mark_authorities_are_of_one_company_and_count_for_logos_only(house, client):
    pem = Authority().pem().decode()
    made = await client.do("POST", "/mark-authorities", {"file": pem}, 201)
    assert "Mark Authority" in made["name"]
    assert (await client.get("/mark-authorities"))["items"] == [made]
    assert (await client.get("/smime-authorities"))["items"] == []
    other = await house.client("admin@b.example")
    assert (await other.get("/mark-authorities"))["items"] == []
    assert (await other.ask("DELETE", f"/mark-authorities/{made['fingerprint']}")).status == 404
    assert (await client.ask("POST", "/mark-authorities", {"file": "nothing"})).status in {400, 422}
    await client.do("DELETE", f"/mark-authorities/{made['fingerprint']}", b"", 204)
    assert (await client.get("/mark-authorities"))["items"] == []


async def test_what_is_known_of_a_logo_is_told(house, client):
    assert (await client.get("/logos/c.example"))["items"] == []
    row = BrandLogo("c.example", b"s" * 32, 1_800_000_000_000, reason="no authority is trusted for marks")
    await house.store.put_brand_logo(row)
    assert (await client.get("/logos/c.example"))["items"] == [], "its mail has not come to this company"
    await house.services.brands._sight.note(house.accounts["kim@a.example"].organization_id, "c.example")
    [told] = (await client.get("/logos/C.example"))["items"]
    assert (told["domain"], told["size"], told["reason"]) == ("c.example", 0, row.reason)
    other = await house.client("admin@b.example")
    assert (await other.get("/logos/c.example"))["items"] == []


async def test_a_logo_by_an_authority_that_only_others_trust_is_not_told(house, client):
    proved = BrandLogo(
        "c.example",
        b"s" * 32,
        1_800_000_000_000,
        b"p" * 32,
        b"<svg/>",
        "verified",
        "C",
        "X",
        b"r" * 32,
        standing="good",
    )
    await house.store.put_brand_logo(proved)
    await house.services.brands._sight.note(house.accounts["kim@a.example"].organization_id, "c.example")
    assert (await client.get("/logos/c.example"))["items"] == []


def test_a_role_hides_who_and_the_names_of_mailboxes_but_not_what_happened():
    events = tuple(
        (1, Event("moved", "kim@a.example", by="lee@a.example", act=place, door="imap"))
        for place in ("이혼 소송", "trash")
    )
    story = Story(1 << 40, 1, Facts("x@b.example", ("kim@a.example",), "제목"), events)
    shown = _told(story, frozenset(), "ko").events
    assert [(one.by, one.mailbox, one.door) for one in shown] == [
        ("lee@a.example", "이혼 소송", "imap"), ("lee@a.example", "trash", "imap"),
    ]  # fmt: skip
    hidden = _told(story, frozenset({"addresses", "subject"}), "ko").events
    assert [(one.kind, one.recipient, one.by, one.mailbox) for one in hidden] == [
        ("moved", "", "", ""), ("moved", "", "", "trash"),
    ]  # fmt: skip
