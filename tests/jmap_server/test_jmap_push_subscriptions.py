"""PushSubscription (RFC 8620 §7.2): a device proves itself, then hears of changes; what push services answer counts."""

import asyncio
import contextlib
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.jmap_server.jmap_house import mail

from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.jobs.pushing import Pushing
from smartmail.formats import web_push
from smartmail.ports.http import HttpAnswer, HttpFailed
from smartmail.service.mailbox import push_subscriptions
from smartmail.service.mailbox.bulletins import BulletinText, BulletinWish

URL = "https://push.example/send/1"
STATE = "StateChange"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
HOUR = 3_600_000


@pytest.fixture
async def pushing(house):
    stopping = asyncio.Event()
    task = asyncio.create_task(Pushing(house.services, "w1", poll_s=0.05).run(stopping))
    yield
    stopping.set()
    await task


@pytest.fixture
def _brisk(monkeypatch):
    """Devices are told again at once: what is told, and not how seldom, is what the test is about."""
    monkeypatch.setattr(push_subscriptions, "PAUSE", 20)


async def call(browser, method, **arguments):
    request = {"using": ["urn:ietf:params:jmap:core"], "methodCalls": [[f"PushSubscription/{method}", arguments, "0"]]}
    [[name, answer, _]] = (await browser.ask("POST", "/jmap/api/", request)).json["methodResponses"]
    return answer if name != "error" else answer["type"]


async def created(browser, **fields):
    wish = {"deviceClientId": "phone", "url": URL, **fields}
    answer = await call(browser, "set", create={"k": wish})
    return answer["created"]["k"] if "created" in answer and answer["created"] else answer["notCreated"]["k"]


async def verified(house, browser, **fields):
    made = await created(browser, **fields)
    _, _, _, body = await house.web.next()
    code = json.loads(body)["verificationCode"]
    assert (await call(browser, "set", update={made["id"]: {"verificationCode": code}}))["updated"] == {
        made["id"]: None
    }
    return made["id"]


async def test_a_device_proves_itself_and_hears_of_changes(house, browser, kim, pushing):
    made = await created(browser, types=["Email", "Nonsense"])
    method, url, headers, body = await house.web.next()
    greeting = json.loads(body)
    assert (method, url, headers["content-type"]) == ("POST", URL, "application/json")
    assert greeting == {
        "@type": "PushVerification", "pushSubscriptionId": made["id"], "verificationCode": greeting["verificationCode"],
    }  # fmt: skip
    # Whoever is not proved hears nothing but the code.
    await house.deliver(kim, mail("early"))
    wrong = await call(browser, "set", update={made["id"]: {"verificationCode": "guess"}})
    assert wrong["notUpdated"][made["id"]]["properties"] == ["verificationCode"]
    [held] = (await call(browser, "get", ids=None))["list"]
    assert (held["verificationCode"], held["types"], held["deviceClientId"]) == (None, ["Email"], "phone")
    assert not house.web.asked
    code = greeting["verificationCode"]
    await call(browser, "set", update={made["id"]: {"verificationCode": code}})
    _, _, _, body = await house.web.next()
    first = json.loads(body)
    state = (await browser.call("Email/get", ids=[]))["state"]
    assert first == {"@type": STATE, "changed": {browser.account: {"Email": state}}}
    [held] = (await call(browser, "get", ids=None))["list"]
    assert held["verificationCode"] == code
    await house.deliver(kim, mail("late"))
    _, _, _, body = await house.web.next()
    assert json.loads(body)["changed"][browser.account]["Email"] == (await browser.call("Email/get", ids=[]))["state"]


async def test_what_is_not_wanted_is_not_told(house, browser, kim, pushing):
    await verified(house, browser, types=["Identity"])
    await house.deliver(kim, mail())
    await browser.call("Identity/set", create={"k": {"email": "kim@a.example"}})
    _, _, _, body = await house.web.next()
    assert set(json.loads(body)["changed"][browser.account]) == {"Identity"}


async def test_with_keys_only_the_device_can_read(house, browser, kim, pushing):
    key, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    keys = {"p256dh": web_push.show(web_push.public_octets(key)), "auth": web_push.show(auth)}
    made = await created(browser, keys=keys)
    _, _, headers, body = await house.web.next()
    assert headers["content-encoding"] == "aes128gcm" and b"verificationCode" not in body
    assert json.loads(web_push.decrypt(body, auth, key=key))["pushSubscriptionId"] == made["id"]


async def test_we_say_who_we_are(house, browser, pushing):
    session = (await browser.ask("GET", "/jmap/session")).json
    ours = session["capabilities"]["urn:ietf:params:jmap:webpush-vapid"]["applicationServerKey"]
    await created(browser)
    _, _, headers, _ = await house.web.next()
    kind, _, rest = headers["authorization"].partition(" ")
    values = dict(one.strip().split("=", 1) for one in rest.split(","))
    assert kind == "vapid" and values["k"] == ours
    assert int(headers["ttl"]) > 0


async def say(house, kim, place=None, **more):
    now = int(time.time() * 1000)
    place = place or Scope("organization", str(int(kim.organization_id)))
    wish = BulletinWish(place, BulletinText("공지", "내용"), now - 1000, now + HOUR, **more)
    return (await house.services.bulletins.desk.make(CLI, wish)).row.id


async def changed(house, browser):
    """What a device is told of its person's account."""
    _, _, _, body = await house.web.next()
    return json.loads(body)["changed"][browser.account]


@pytest.mark.usefixtures("_brisk")
async def test_a_new_bulletin_is_told_to_its_readers_once(house, browser, kim, pushing):
    await say(house, kim)
    # What was there before the device is no news to it.
    await verified(house, browser, types=["Bulletin", "Email"])
    other = await house.person("lee@a.example", department="지원실")
    number = await say(house, kim)
    told = await changed(house, browser)
    assert list(told) == ["Bulletin"]
    # For others, or seen by its person already: nothing is told of it.
    home = int(kim.organization_id)
    found = await house.services.organization.departments.find(kim.organization_id, "지원실")
    await say(house, kim, Scope("department", f"{home}:{found.code}"))
    assert other.department == "지원실"
    await house.deliver(kim, mail("after"))
    assert list(await changed(house, browser)) == ["Email"]
    desk = house.services.bulletins.desk
    now = int(time.time() * 1000)
    wish = BulletinWish(Scope("organization", str(home)), BulletinText("고침", "말"), now - 1000, now + HOUR)
    await desk.change(CLI, number, wish)
    await house.deliver(kim, mail("later"))
    assert list(await changed(house, browser)) == ["Email"], "a word mended is no news"
    await desk.change(CLI, number, wish, anew=True)
    assert list(await changed(house, browser)) == ["Bulletin"]


@pytest.mark.usefixtures("_brisk")
async def test_who_does_not_ask_for_bulletins_hears_of_none(house, browser, kim, pushing):
    made = await verified(house, browser)
    await say(house, kim)
    await house.deliver(kim, mail())
    assert "Bulletin" not in await changed(house, browser)
    await call(browser, "set", update={made: {"types": ["Bulletin"]}})
    await say(house, kim)
    assert list(await changed(house, browser)) == ["Bulletin"]


async def test_a_bulletin_that_was_sent_and_not_noted_is_sent_once_more(house, browser, kim):
    service, board = house.services.push_subscriptions, house.services.bulletins.board
    made = await created(browser, types=["Bulletin"])
    [greeting] = await service.due()
    await service.send(greeting, b"{}")
    code = greeting.subscription.text.code
    await call(browser, "set", update={made["id"]: {"verificationCode": code}})
    await house.store.note_push(greeting.subscription.row, told=greeting.modseq, greeted=True, next_at=0, failures=0)
    number = await say(house, kim)
    await service.spread()
    await service.spread()
    [due] = await service.due()
    # A process that dies here has told nobody, or told and not noted: the next one tells.
    [again] = await service.due()
    assert due.changed == again.changed and due.bulletins == again.bulletins == (number,)
    house.web.answers += [HttpAnswer(503), HttpAnswer(201)]
    assert await service.send(again, b"{}") == "later"
    [row] = await house.store.push_subscriptions(kim.id)
    await house.store.note_push(row, told=row.told, greeted=True, next_at=0, failures=1)
    [once] = await service.due()
    assert await service.send(once, b"{}") == "sent"
    await house.store.note_push(row, told=row.told, greeted=True, next_at=0, failures=0)
    assert await service.due() == []
    # Whoever sees it on the screen before it is told is not told.
    number = await say(house, kim)
    await service.spread()
    await board.mark(house.actor(kim), number, "read")
    assert await service.due() == []
    assert await house.store.unpushed_bulletins(kim.id, row.id) == []


@pytest.mark.parametrize("status", [404, 410])
async def test_an_address_that_has_gone_ends_the_subscription(house, browser, pushing, status):
    house.web.answers.append(HttpAnswer(status))
    await created(browser)
    await house.web.next()
    async with asyncio.timeout(60):
        while (await call(browser, "get", ids=None))["list"]:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("answer", [HttpAnswer(503, {"retry-after": "600"}), HttpAnswer(500), HttpFailed("no route")])
async def test_what_failed_waits(house, browser, kim, pushing, answer):
    house.web.answers.append(answer)
    await created(browser)
    await house.web.next()
    async with asyncio.timeout(60):
        while not (row := (await house.store.push_subscriptions(kim.id))[0]).failures:
            await asyncio.sleep(0.01)
    assert not row.greeted and row.next_at > house.services.upkeep._clock.now() + 20_000


async def test_who_fails_for_long_is_given_up(house, browser, kim):
    service = house.services.push_subscriptions
    await created(browser)
    for _ in range(13):
        [row] = await house.store.push_subscriptions(kim.id)
        await house.store.note_push(row, told=row.told, greeted=False, next_at=0, failures=row.failures)
        house.web.answers.append(HttpAnswer(500))
        [due] = await service.due()
        assert await service.send(due, b"{}") == "later"
    [row] = await house.store.push_subscriptions(kim.id)
    await house.store.note_push(row, told=row.told, greeted=False, next_at=0, failures=row.failures)
    house.web.answers.append(HttpAnswer(500))
    [due] = await service.due()
    assert await service.send(due, b"{}") == "gone"
    assert await house.store.push_subscriptions(kim.id) == []


@pytest.mark.parametrize(
    ("fields", "property_"),
    [
        ({"url": "http://push.example/"}, "url"), ({"url": "https://"}, "url"), ({"url": "https://a b/"}, "url"),
        ({"url": "https://u:p@push.example/"}, "url"), ({"url": "https://push.example:99999/"}, "url"),
        ({"keys": {"p256dh": "AAAA", "auth": "AAAA"}}, "keys"), ({"keys": {"p256dh": "AAAA"}}, "keys"),
        ({"deviceClientId": ""}, "deviceClientId"), ({"deviceClientId": 7}, "deviceClientId"),
        ({"types": "Email"}, "types"), ({"expires": "soon"}, "expires"), ({"nonsense": 1}, "nonsense"),
        ({"verificationCode": "x"}, "verificationCode"),
    ],
)  # fmt: skip
async def test_refused_subscriptions(browser, fields, property_):
    error = await created(browser, **fields)
    assert error["type"] == "invalidProperties" and property_ in error["properties"]


async def test_expiry_is_bounded(browser):
    made = await created(browser, expires="2099-01-01T00:00:00Z")
    assert made["expires"] < "2099"
    answer = await call(browser, "set", update={made["id"]: {"expires": None}})
    assert answer["updated"][made["id"]]["expires"] >= made["expires"]
    past = await created(browser, expires="2020-01-01T00:00:00Z")
    assert {one["id"] for one in (await call(browser, "get", ids=None))["list"]} == {made["id"]}
    assert past["id"] != made["id"]


async def test_get_tells_no_secrets_and_nothing_of_others(house, browser):
    made = await created(browser)
    assert await call(browser, "get", ids=None, properties=["url"]) == "forbidden"
    assert await call(browser, "get", ids=None, properties=["nonsense"]) == "invalidArguments"
    assert await call(browser, "get", ids=None, accountId=browser.account) == "invalidArguments"
    other = await house.browser("choi@a.example")
    answer = await call(other, "get", ids=[made["id"], "p99", "x"])
    assert answer == {"list": [], "notFound": ["x", made["id"], "p99"]}
    gone = await call(other, "set", destroy=[made["id"]], update={made["id"]: {"types": None}, "p77": {"types": None}})
    assert gone["notDestroyed"][made["id"]]["type"] == "notFound"
    assert (await call(browser, "set", destroy=[made["id"]]))["destroyed"] == [made["id"]]


async def test_subscriptions_are_counted(browser):
    for _ in range(20):
        assert "id" in await created(browser)
    assert (await created(browser))["type"] == "overQuota"


async def test_only_one_process_sends(house, browser):
    stopping = asyncio.Event()
    loops = [asyncio.create_task(Pushing(house.services, name, poll_s=0.05).run(stopping)) for name in ("w1", "w2")]
    await created(browser)
    await house.web.next()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.3):
            await house.web.next()
            raise AssertionError("sent twice")
    stopping.set()
    await asyncio.gather(*loops)


@pytest.mark.usefixtures("_brisk")
async def test_a_device_hears_of_accounts_that_others_share(house, browser, kim, pushing):
    choi = house.accounts["choi@a.example"]
    await house.share(choi, kim, "lrs")
    await verified(house, browser, types=["Email"])
    assert not house.web.asked
    await house.deliver(choi, mail("for the team"))
    changed = json.loads((await house.web.next())[3])["changed"]
    assert set(changed) == {f"a{choi.id}"} and set(changed[f"a{choi.id}"]) == {"Email"}
    # What is taken away is told no more; what is given anew is told from its beginning.
    await house.share(choi, kim, "")
    await house.deliver(choi, mail("hidden"))
    await house.deliver(kim, mail("own"))
    assert set(json.loads((await house.web.next())[3])["changed"]) == {browser.account}
    await house.share(choi, kim, "lrs")
    assert f"a{choi.id}" in json.loads((await house.web.next())[3])["changed"]
