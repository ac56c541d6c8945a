"""VacationResponse (RFC 8621 §8) and SieveScript (RFC 9661) over the filters that ManageSieve shows."""

import json

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

KEEP, FILE = b"keep;\r\n", b'require "fileinto";\r\nfileinto "Archive";\r\n'


@pytest.fixture
def upload(browser):
    async def send(octets):
        reply = await browser.ask(
            "POST", f"/jmap/upload/{browser.account}/", octets, {"content-type": "application/sieve"}
        )
        return reply.json["blobId"]

    return send


async def scripts(browser):
    return {one["name"]: one for one in (await browser.call("SieveScript/get", ids=None))["list"]}


async def test_there_is_one_absence_and_it_is_off(browser):
    answer = await browser.call("VacationResponse/get", ids=None)
    assert answer["list"] == [
        {"id": "singleton", "isEnabled": False, "fromDate": None, "toDate": None, "subject": None, "textBody": None,
         "htmlBody": None}
    ]  # fmt: skip
    answer = await browser.call("VacationResponse/get", ids=["singleton", "x"], properties=["subject"])
    assert (answer["list"], answer["notFound"]) == ([{"id": "singleton", "subject": None}], ["x"])


async def test_an_absence_is_kept_and_answers(house, browser, kim):
    before = (await browser.call("VacationResponse/get", ids=[]))["state"]
    wish = {
        "isEnabled": True,
        "fromDate": "2025-06-01T00:00:00Z",
        "subject": "휴가",
        "textBody": "다음 주에 돌아옵니다",
    }
    answer = await browser.call("VacationResponse/set", ifInState=before, update={"singleton": wish})
    assert answer["updated"] == {"singleton": None} and answer["newState"] != answer["oldState"] == before
    [held] = (await browser.call("VacationResponse/get", ids=None))["list"]
    assert {name: held[name] for name in wish} == wish and held["toDate"] is None
    kept = await house.services.filters.vacation(house.actor(kim), kim.id)
    assert (kept.is_enabled, kept.text) == (True, "다음 주에 돌아옵니다")
    await browser.call("VacationResponse/set", update={"singleton": {"subject": None, "isEnabled": None}})
    [held] = (await browser.call("VacationResponse/get", ids=None))["list"]
    assert (held["subject"], held["isEnabled"], held["textBody"]) == (None, False, "다음 주에 돌아옵니다")


@pytest.mark.parametrize(
    ("patch", "properties"),
    [
        ({"isEnabled": "yes"}, ["isEnabled"]), ({"nonsense": 1}, ["nonsense"]), ({"id": "other"}, ["id"]),
        ({"fromDate": "tomorrow"}, ["fromDate"]), ({"toDate": "2025-02-31T00:00:00Z"}, ["toDate"]),
        ({"fromDate": "2025-06-02T00:00:00Z", "toDate": "2025-06-01T00:00:00Z"}, ["fromDate", "toDate"]),
        ({"subject": "x" * 501}, ["subject"]), ({"textBody": "x" * 70_000}, ["textBody"]),
        ({"htmlBody": "x" * 70_000}, ["htmlBody"]),
    ],
)  # fmt: skip
async def test_what_cannot_be_an_absence(browser, patch, properties):
    answer = await browser.call("VacationResponse/set", update={"singleton": patch})
    error = answer["notUpdated"]["singleton"]
    assert (error["type"], error["properties"]) == ("invalidProperties", properties)


async def test_the_singleton_is_neither_made_nor_destroyed(house, browser):
    answer = await browser.call(
        "VacationResponse/set", create={"k": {}}, update={"other": {"isEnabled": True}}, destroy=["singleton", "x"]
    )
    assert answer["notCreated"]["k"]["type"] == answer["notDestroyed"]["singleton"]["type"] == "singleton"
    assert answer["notUpdated"]["other"]["type"] == answer["notDestroyed"]["x"]["type"] == "notFound"
    assert await browser.error("VacationResponse/set", ifInState="x", update={}) == "stateMismatch"
    other = await house.person("lee@a.example")
    await house.share(house.accounts["kim@a.example"], other, "lrs")
    lee = await house.browser("lee@a.example")
    lee.account = browser.account
    assert await lee.error("VacationResponse/get", ids=None) == "accountNotSupportedByMethod"
    assert await lee.error("SieveScript/get", ids=None) == "accountNotSupportedByMethod"


async def test_scripts_are_made_read_changed_and_destroyed(browser, upload):
    state = (await browser.call("SieveScript/get", ids=[]))["state"]
    answer = await browser.call(
        "SieveScript/set",
        ifInState=state,
        create={"a": {"name": "가나다", "blobId": await upload(KEEP)}, "b": {"blobId": await upload(FILE)}},
        onSuccessActivateScript="#a",
    )
    first, second = answer["created"]["a"], answer["created"]["b"]
    assert first["isActive"] and not second["isActive"] and second["name"] == "script 1" and "name" not in first
    held = await browser.call("SieveScript/get", ids=[first["id"], "f99"])
    assert held["notFound"] == ["f99"]
    assert held["list"] == [{"id": first["id"], "name": "가나다", "blobId": first["blobId"], "isActive": True}]
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{first['blobId']}/a.sieve")
    assert (reply.status, reply.body) == (200, KEEP)
    answer = await browser.call(
        "SieveScript/set", update={first["id"]: {"blobId": second["blobId"], "name": "둘", "isActive": True}}
    )
    changed = answer["updated"][first["id"]]["blobId"]
    assert changed != first["blobId"] and (await scripts(browser))["둘"]["blobId"] == changed
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{changed}/a.sieve")
    assert reply.body == FILE
    gone = await browser.ask("GET", f"/jmap/download/{browser.account}/{first['blobId']}/a.sieve")
    assert gone.status == 404
    answer = await browser.call("SieveScript/set", destroy=[first["id"], second["id"], "f99"])
    assert answer["destroyed"] == [second["id"]]
    assert {key: one["type"] for key, one in answer["notDestroyed"].items()} == {
        first["id"]: "sieveIsActive", "f99": "notFound",
    }  # fmt: skip


async def test_activation_waits_for_all_to_go_well(browser, upload):
    keep = await upload(KEEP)
    made = (await browser.call("SieveScript/set", create={"a": {"name": "a", "blobId": keep}}))["created"]["a"]
    answer = await browser.call("SieveScript/set", destroy=["f99"], onSuccessActivateScript=made["id"])
    assert answer["updated"] is None and not (await scripts(browser))["a"]["isActive"]
    answer = await browser.call("SieveScript/set", onSuccessActivateScript=made["id"])
    assert answer["updated"] == {made["id"]: {"isActive": True}}
    assert (await browser.call("SieveScript/set", onSuccessActivateScript="f99"))["updated"] is None
    answer = await browser.call(
        "SieveScript/set", create={"b": {"name": "b", "blobId": keep}}, onSuccessActivateScript="#b"
    )
    assert answer["created"]["b"]["isActive"] and answer["updated"] == {made["id"]: {"isActive": False}}
    answer = await browser.call("SieveScript/set", onSuccessDeactivateScript=True)
    assert answer["updated"] == {answer["updated"] and next(iter(answer["updated"])): {"isActive": False}}
    assert not any(one["isActive"] for one in (await scripts(browser)).values())


@pytest.mark.parametrize(
    ("wish", "kind", "properties"),
    [
        ({"name": "x"}, "invalidProperties", ["blobId"]), ({"blobId": "0" * 32}, "blobNotFound", None),
        ({"blobId": "KEEP", "name": ""}, "invalidProperties", ["name"]),
        ({"blobId": "KEEP", "name": "a\nb"}, "invalidProperties", ["name"]),
        ({"blobId": "KEEP", "isActive": True}, "invalidProperties", ["isActive"]),
        ({"blobId": "KEEP", "name": "taken"}, "alreadyExists", None), ({"blobId": "BAD"}, "invalidSieve", None),
        ({"blobId": "HUGE"}, "tooLarge", None),
    ],
)  # fmt: skip
async def test_refused_scripts(browser, upload, wish, kind, properties):
    known = {"KEEP": KEEP, "BAD": b"if {", "HUGE": b"#" * 300_000}
    taken = await browser.call("SieveScript/set", create={"t": {"name": "taken", "blobId": await upload(KEEP)}})
    if wish.get("blobId") in known:
        wish = {**wish, "blobId": await upload(known[wish["blobId"]])}
    error = (await browser.call("SieveScript/set", create={"k": wish}))["notCreated"]["k"]
    assert (error["type"], error.get("properties")) == (kind, properties)
    if kind == "alreadyExists":
        assert error["existingId"] == taken["created"]["t"]["id"]


async def test_query_and_validate(browser, upload):
    keep = await upload(KEEP)
    create = {name: {"name": name, "blobId": keep} for name in ("beta", "alpha", "gamma")}
    made = (await browser.call("SieveScript/set", create=create, onSuccessActivateScript="#beta"))["created"]
    ids = {name: made[name]["id"] for name in made}

    async def found(**arguments):
        return (await browser.call("SieveScript/query", **arguments))["ids"]

    assert await found(sort=[{"property": "name"}]) == [ids["alpha"], ids["beta"], ids["gamma"]]
    assert await found(filter={"isActive": True}) == [ids["beta"]]
    assert await found(filter={"name": "MM"}) == [ids["gamma"]]
    assert await browser.error("SieveScript/query", sort=[{"property": "x"}]) == "unsupportedSort"
    assert await browser.error("SieveScript/query", filter={"x": 1}) == "unsupportedFilter"
    assert (await browser.call("SieveScript/validate", blobId=keep))["error"] is None
    error = (await browser.call("SieveScript/validate", blobId=await upload(b"nonsense")))["error"]
    assert error["type"] == "invalidSieve" and error["description"]
    assert await browser.error("SieveScript/validate", blobId="0" * 32) == "blobNotFound"


async def test_the_blob_of_a_script_is_a_blob_like_others(browser, upload):
    made = (await browser.call("SieveScript/set", create={"a": {"blobId": await upload(KEEP)}}))["created"]["a"]
    [held] = (await browser.call("Blob/get", ids=[made["blobId"]]))["list"]
    assert (held["data:asText"], held["size"]) == (KEEP.decode(), len(KEEP))
    answer = await browser.call("Blob/lookup", ids=[made["blobId"], "script-9-9"], typeNames=["SieveScript", "Email"])
    assert answer["list"] == [{"id": made["blobId"], "matchedIds": {"SieveScript": [made["id"]], "Email": []}}]
    assert answer["notFound"] == ["script-9-9"]


async def test_a_change_is_pushed(browser, upload):
    stream = browser.open("/jmap/events/?types=SieveScript,VacationResponse&closeafter=state&ping=0")
    assert await stream.next() == b": open\n\n"
    await browser.call("VacationResponse/set", update={"singleton": {"subject": "x"}})
    event = json.loads((await stream.next()).split(b"data: ")[1])
    state = (await browser.call("VacationResponse/get", ids=[]))["state"]
    assert event["changed"][browser.account] == {"SieveScript": state, "VacationResponse": state}
    await stream.task


async def test_the_account_tells_what_scripts_may_be(browser):
    session = (await browser.ask("GET", "/jmap/session")).json
    told = session["accounts"][browser.account]["accountCapabilities"]["urn:ietf:params:jmap:sieve"]
    assert told["maxNumberScripts"] == 50 and "fileinto" in told["sieveExtensions"]
    assert session["capabilities"]["urn:ietf:params:jmap:sieve"] == {"implementation": "SmartMail"}
    assert session["primaryAccounts"]["urn:ietf:params:jmap:vacationresponse"] == browser.account


RULES = """require ["fileinto", "imap4flags", "mailboxid"];
if header :contains "subject" "견적" { addflag "$work"; fileinto "견적함"; stop; }
if address :is "from" "boss@b.example" { addflag "\\\\Flagged"; keep; stop; }
if header :contains "subject" "광고" { discard; stop; }
if header :contains "subject" "전달" { redirect "x@b.example"; stop; }
if header :contains "subject" "없는 곳" { fileinto "어디에도 없음"; stop; }
""".encode()


@pytest.fixture
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, "https://smartmail.example/jmap"])


@pytest.mark.usefixtures("_own_types")
async def test_what_a_script_would_do_with_mail_that_is_there(house, browser, kim, upload):
    made = await browser.call("Mailbox/set", create={"k": {"name": "견적함"}})
    box = made["created"]["k"]["id"]
    subjects = ["견적 요청", "점심", "광고입니다", "전달해 주세요", "없는 곳"]
    for subject in subjects:
        await house.deliver(kim, mail(subject))
    await house.deliver(kim, mail("보고", From="boss@b.example"))
    emails = (await browser.call("Email/query", sort=[{"property": "receivedAt"}]))["ids"]
    held = (await browser.call("Email/get", ids=emails, properties=["subject", "mailboxIds"]))["list"]
    by_subject = {one["subject"]: one["id"] for one in held}
    blob = await upload(RULES)
    answer = await browser.call("SieveScript/foresee", blobId=blob, emailIds=[*by_subject.values(), "e999999"])
    told = {one.pop("id"): one for one in answer["list"]}
    quiet = {"missing": [], "keywords": {}, "sends": False}
    assert told == {
        by_subject["견적 요청"]: {**quiet, "mailboxIds": {box: True}, "keywords": {"$work": True}},
        by_subject["보고"]: {**quiet, "mailboxIds": None, "keywords": {"$flagged": True}},
        by_subject["광고입니다"]: {**quiet, "mailboxIds": {}},
        by_subject["전달해 주세요"]: {**quiet, "mailboxIds": None, "sends": True},
        by_subject["없는 곳"]: {**quiet, "mailboxIds": {}, "missing": ["어디에도 없음"]},
    }
    assert answer["notFound"] == ["e999999"]
    # Nothing has happened.
    assert (await browser.call("Email/get", ids=emails, properties=["subject", "mailboxIds"]))["list"] == held


@pytest.mark.usefixtures("_own_types")
async def test_foresight_wants_a_script_and_the_own_mail(house, browser, upload):
    assert await browser.error("SieveScript/foresee", blobId="bnothing", emailIds=[]) == "blobNotFound"
    bad = await upload(b"if {")
    assert await browser.error("SieveScript/foresee", blobId=bad, emailIds=[]) == "invalidArguments"
    blob = await upload(b"discard;")
    too_many = [f"e{number}" for number in range(1, 502)]
    assert await browser.error("SieveScript/foresee", blobId=blob, emailIds=too_many) == "requestTooLarge"


@pytest.mark.usefixtures("_own_types")
async def test_who_writes_from_outside_is_told_something_else(house, browser, kim):
    [held] = (await browser.call("VacationResponse/get", ids=None))["list"]
    assert (held["outsideReply"], held["outsideTextBody"]) == ("same", None)
    wish = {"isEnabled": True, "textBody": "휴가", "outsideReply": "other", "outsideTextBody": "on leave"}
    assert (await browser.call("VacationResponse/set", update={"singleton": wish}))["updated"] == {"singleton": None}
    kept = await house.services.filters.vacation(house.actor(kim), kim.id)
    outside = kept.for_outside()
    assert (kept.text, outside.text, outside.html) == ("휴가", "on leave", None)
    await browser.call("VacationResponse/set", update={"singleton": {"outsideReply": "none"}})
    assert (await house.services.filters.vacation(house.actor(kim), kim.id)).for_outside() is None
    answer = await browser.call("VacationResponse/set", update={"singleton": {"outsideReply": "never"}})
    assert answer["notUpdated"]["singleton"]["properties"] == ["outsideReply"]
