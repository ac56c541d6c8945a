"""Knobs of screens and sending, each obeyed: duplicate log-in, originals and attachments, size of an attachment, presets."""

from dataclasses import replace

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, PolicyRejected
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.summary import summarize
from smartmail.policy.deciding import check
from smartmail.policy.knobs import KNOBS
from smartmail.policy.presets import PRESETS
from smartmail.service.flow.outgoing.limits import AttachmentTooLarge
from smartmail.service.kernel.clock import MINUTE

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
SYSTEM = Scope("system")
WEB = Origin("web", "192.0.2.1")
MEBIBYTE = 1 << 20


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        opened.kim = await opened.person("kim@a.example")
        yield opened
        await opened.services.auth.settle()


async def set_knob(house, knob, value):
    await house.services.governing.set_knob(CLI, PolicyRule(knob, SYSTEM, value))


def at(house, door):
    return replace(house.kim, origin=Origin(door, "192.0.2.1"))


async def test_a_second_log_in_is_refused_where_policy_denies_it(house):
    auth = house.services.auth
    first = await auth.open_session(at(house, "web"))
    await set_knob(house, "session.concurrent", "deny")
    with pytest.raises(PolicyRejected):
        await auth.open_session(at(house, "web"))
    await auth.session(first, WEB)
    await auth.close_session(first)
    await auth.open_session(at(house, "web"))


async def test_a_browser_that_was_lost_keeps_nobody_out_for_long(house):
    auth = house.services.auth
    await set_knob(house, "session.concurrent", "deny")
    await auth.open_session(at(house, "web"))
    house.clock.ahead += 30 * MINUTE
    with pytest.raises(PolicyRejected):
        await auth.open_session(at(house, "web"))
    house.clock.ahead += 2 * MINUTE
    await auth.open_session(at(house, "web"))


async def test_an_account_of_several_people_is_exempt_from_both_modes(house):
    team = replace(await house.person("team@a.example", kind="shared"), origin=WEB)
    for mode in ("deny", "replace"):
        await set_knob(house, "session.concurrent", mode)
        token = await house.services.auth.open_session(team)
        await house.services.auth.open_session(team)
        await house.services.auth.session(token, WEB)


async def test_the_console_logs_out_sooner_than_the_webmail(house):
    auth = house.services.auth
    token = await auth.open_session(at(house, "admin"))
    await set_knob(house, "session.idle-minutes", 60)
    house.clock.ahead += 12 * MINUTE
    with pytest.raises(AuthFailed):
        await auth.session(token, Origin("admin", "192.0.2.1"))
    await auth.session(token, WEB)
    await set_knob(house, "session.admin-idle-minutes", 0)
    await auth.session(token, Origin("admin", "192.0.2.1"))


async def test_the_console_is_for_its_networks_and_nobody_shuts_out_himself(house):
    auth = house.services.auth
    boss = replace(await house.person("boss@a.example", is_admin=True), is_admin=True)
    boss = replace(boss, origin=Origin("admin", "192.0.2.1"), by="session")
    token = await auth.open_session(boss)
    scope = Scope("organization", str(boss.organization_id))
    rule = PolicyRule("admin.networks", scope, ("10.0.0.0/8",))
    with pytest.raises(Invalid):
        await house.services.governing.set_knob(boss, rule)
    with pytest.raises(Invalid):
        await house.services.policy_changes.stage(boss, [rule], [], "why")
    await auth.session(token, Origin("admin", "192.0.2.1"))
    await house.services.governing.set_knob(CLI, rule)
    with pytest.raises(AuthFailed):
        await auth.session(token, Origin("admin", "192.0.2.1"))
    await auth.session(token, Origin("admin", "10.1.2.3"))
    await auth.session(token, WEB)


def _summary(octets):
    head = b"Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    part = b"--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment\r\n\r\n"
    return summarize(head + part + b"x" * octets + b"\r\n--b--\r\n")


async def put(house):
    services, kim = house.services, house.kim
    box = await services.mailboxes.by_role(kim, kim.account_id, "inbox")
    intake = await services.messages.begin(kim, kim.account_id)
    await intake.feed(b"Subject: a\r\n\r\nbody\r\n")
    added = await services.messages.add(kim, kim.account_id, await intake.finish(), [box.row.id])
    [row] = await house.store.messages(kim.account_id, [added.message_id])
    return row.blob_id


@pytest.mark.parametrize(
    ("knob", "value", "door", "whole", "part"),
    [
        ("export.allowed", True, "web", True, True), ("export.allowed", False, "web", False, True),
        ("export.allowed", False, "jmap", False, True), ("attachment.doors", ("web",), "web", True, True),
        ("attachment.doors", ("web",), "jmap", True, False), ("attachment.doors", ("jmap",), "web", True, False),
    ],
)  # fmt: skip
async def test_originals_and_attachments_leave_only_where_policy_lets_them(house, knob, value, door, whole, part):
    blob_id, saving, actor = await put(house), house.services.saving, at(house, door)
    await set_knob(house, knob, value)
    for is_whole, allowed in ((True, whole), (False, part)):
        try:
            await saving.require(actor, actor.account_id, blob_id, whole=is_whole)
            assert allowed
        except Forbidden:
            assert not allowed
    told = await saving.told(actor)
    assert (told["mayExport"], told["maySaveAttachments"]) == (whole, part)
    # What a person has uploaded and not used yet is no message's.
    writer = await house.services.uploads.begin(actor, actor.account_id, 3)
    await writer.append(b"abc")
    upload, _size = await house.services.uploads.finish(actor, actor.account_id, writer, "text/plain")
    await saving.require(actor, actor.account_id, upload, whole=True)


@pytest.mark.parametrize(("knob", "told"), [("print.allowed", "mayPrint"), ("copy.allowed", "mayCopy")])
async def test_a_screen_is_told_whether_it_may_print_and_copy(house, knob, told):
    assert (await house.services.saving.told(at(house, "web")))[told] is True
    await set_knob(house, knob, value=False)
    assert (await house.services.saving.told(at(house, "web")))[told] is False


async def test_a_screen_is_told_whose_watermark_it_shows_and_whether_countries_are_flags(house):
    told = await house.services.saving.told(at(house, "web"))
    assert (told["watermark"], told["showFlags"]) == (None, False)
    await set_knob(house, "watermark.shown", value=True)
    await set_knob(house, "route.flags", value=True)
    actor = at(house, "web")
    told = await house.services.saving.told(actor)
    assert told["watermark"] == {"login": actor.login, "address": actor.origin.address}
    assert told["showFlags"] is True


async def test_a_screen_is_told_how_the_list_begins_for_whoever_chose_nothing(house):
    assert (await house.services.saving.told(at(house, "web")))["list"] == {
        "density": "normal",
        "pane": None,
        "faces": True,
    }
    for name, value in (("screen.density", "compact"), ("screen.pane", "below"), ("screen.faces", False)):
        await set_knob(house, name, value)
    told = (await house.services.saving.told(at(house, "web")))["list"]
    assert told == {"density": "compact", "pane": "below", "faces": False}


async def test_a_composer_is_told_which_mail_to_show_once_more(house):
    async def told(login):
        actor = replace(await house.person(login), origin=WEB)
        return (await house.services.saving.told(actor))["confirmSending"]

    assert (await house.services.saving.told(at(house, "web")))["confirmSending"] == "none"
    await set_knob(house, "sending.confirm", "outside")
    assert await told("lee@a.example") == "outside"
    rule = PolicyRule("sending.confirm", Scope("account", str(house.kim.account_id)), "always")
    await house.services.governing.set_knob(CLI, rule)
    assert (await house.services.saving.told(at(house, "web")))["confirmSending"] == "always"
    assert await told("park@a.example") == "outside"


def test_of_rules_as_strong_as_each_other_the_one_that_shows_more_holds():
    kind = KNOBS["sending.confirm"].kind
    assert kind.stricter("none", "outside") == "outside"
    assert kind.stricter("always", "outside") == "always"
    assert [PRESETS[name]["sending.confirm"].value for name in ("general", "public", "finance")] == [
        "none", "outside", "outside",
    ]  # fmt: skip


async def test_an_attachment_that_is_too_large_is_not_sent(house):
    limits = house.services.delivery.desk.limits
    await set_knob(house, "attachment.max-octets", MEBIBYTE)
    bounds = await limits.of(house.kim)
    bounds.check_attachments(_summary(MEBIBYTE))
    with pytest.raises(AttachmentTooLarge):
        bounds.check_attachments(_summary(MEBIBYTE + 1))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_list_of_at_least_forty_values_for_any_organisation(name):
    assert len(PRESETS[name]) >= 40
    for knob, one in PRESETS[name].items():
        for scope in (SYSTEM, Scope("organization", "1")):
            check(PolicyRule(knob, scope, one.value))
    assert PRESETS["finance"]["admin.separation"].value is True
