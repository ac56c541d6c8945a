"""What our capability adds to Email/query and SearchSnippet/get: lines, switches, files, what is not indexed."""

import pytest
from tests.jmap_server.jmap_house import mail

from smartmail.proto.jmap.session import CORE, MAIL, OWN
from smartmail.service.mailbox.mailstore import query
from smartmail.service.mailbox.search import index

TEXT = {"Content_Type": "text/plain; charset=utf-8"}
DAY = 86_400_000
BASE = 1_750_000_000_000  # 2025-06-15T15:06:40Z


@pytest.fixture
async def five(house, kim):
    file = mail(
        "첨부", "AAAA", Content_Type='application/x-hwp; name="회의록 최종.hwp"', Content_Transfer_Encoding="base64"
    )
    await house.deliver(kim, mail("회의자료 송부", "분기 회의 자료", **TEXT), names=("$seen",), at=BASE)
    await house.deliver(kim, mail("本日の會議", "資料", From="田中 <tanaka@c.example>", **TEXT), at=BASE + DAY)
    await house.deliver(kim, mail("Meeting", "x" * 5000, **TEXT), names=("$flagged",), at=BASE + 2 * DAY)
    await house.deliver(kim, file, role="archive", at=BASE + 3 * DAY)
    actor = house.actor(kim)
    tag = await house.services.tags.create(actor, kim.id, "중요 업무")
    await house.deliver(kim, mail("tagged", "y"), names=(tag.keyword,), at=BASE + 4 * DAY)


async def ask(browser, name, using=(CORE, MAIL, OWN), **arguments):
    request = {"using": list(using), "methodCalls": [[name, {"accountId": browser.account, **arguments}, "0"]]}
    reply = await browser.ask("POST", "/jmap/api/", request)
    [answered, result, _] = reply.json["methodResponses"][0]
    return result if answered == name else result["type"]


async def found(browser, **filter):
    return "".join(one[1:] for one in (await ask(browser, "Email/query", filter=filter))["ids"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("회의", "41"),
        ("제목:회의", "1"),
        ("filename:회의록", "4"),
        ('filename:"회의록 최종"', "4"),
        ("has:attachment", "4"),
        ("from:tanaka", "2"),
        ("보낸사람:田中", "2"),
        ("회의 -in:보관함", "1"),
        ("회의 in:archive", "4"),
        ("회의 in:anywhere", "41"),
        ("in:없는메일함", ""),
        ('tag:"중요 업무"', "5"),
        ("tag:없는태그", ""),
        ("is:starred", "3"),
        ("is:unread 회의", "4"),
        ("larger:4k", "3"),
        ("smaller:4k meeting", ""),
        ("on:2025-06-15", "1"),
        ("after:2025-06-17 before:2025-06-19", "43"),
        ("회의 OR meeting", "431"),
        ("-회의 -meeting", "52"),
        ("older_than:1d 회의", "41"),
        ("newer_than:1d", ""),
        ("", "54321"),
    ],
)
@pytest.mark.usefixtures("five")
async def test_a_line_finds(browser, line, expected):
    assert await found(browser, line=line) == expected


async def test_a_line_finds_stars_of_one_colour(house, kim, five, browser):
    await house.deliver(kim, mail("blue", "z"), names=("$flagged", "$mailflagbit2"), at=BASE + 5 * DAY)
    await house.deliver(kim, mail("orange", "z"), names=("$flagged", "$mailflagbit0"), at=BASE + 6 * DAY)
    await house.deliver(kim, mail("no star", "z"), names=("$mailflagbit2",), at=BASE + 7 * DAY)
    for line, expected in (("별:파랑", "6"), ("star:orange", "7"), ("スター:標準", "3"), ("星标:灰色", "")):
        assert await found(browser, line=line) == expected
    assert await found(browser, line="is:별표 -별:파랑") == "73"


async def test_a_line_finds_what_senders_call_important(house, kim, five, browser):
    await house.deliver(kim, mail("by its name", "z", Importance="High"), at=BASE + 5 * DAY)
    await house.deliver(kim, mail("by number", "z", X_Priority="1 (Highest)"), at=BASE + 6 * DAY)
    await house.deliver(kim, mail("only told of", "Importance: high, X-Priority: 1"), at=BASE + 7 * DAY)
    await house.deliver(kim, mail("low", "z", Importance="low", X_Priority="5"), at=BASE + 8 * DAY)
    for line in ("is:important", "is:중요", "is:重要"):
        assert await found(browser, line=line) == "76"
    assert await found(browser, line="-is:important after:2025-06-19") == "985"


@pytest.mark.usefixtures("five")
async def test_an_address_with_a_blank_before_it_is_no_end_of_another(browser):
    assert await found(browser, line='from:" tanaka@c.example"') == "2"
    assert await found(browser, line='from:"anaka@c.example"') == "2"
    assert await found(browser, line='from:" anaka@c.example"') == ""
    people = '(from:" nobody@c.example" OR from:" tanaka@c.example")'
    assert await found(browser, line=people) == "2"
    assert await found(browser, line=f"-{people}") == "5431"


@pytest.mark.usefixtures("five")
async def test_a_day_begins_where_the_asker_is(browser):
    # 15:06 UTC is after midnight of the 16th in Seoul.
    assert await found(browser, line="on:2025-06-16", timeZone="Asia/Seoul") == "1"
    assert await found(browser, line="on:2025-06-15", timeZone="Nowhere/Else") == "1", "UTC for what is no zone"


@pytest.mark.parametrize(
    ("needle", "switch", "expected"),
    [("ㅎㅇㅈㄹ", "initials", "1"), ("ghldml", "keyboard", "41"), ("회의", "hanja", "421"), ("会议", "variants", "2")],
)
@pytest.mark.usefixtures("five")
async def test_switches_find_more_and_say_so(browser, needle, switch, expected):
    plain = await found(browser, text=needle)
    assert await found(browser, text=needle, switches=[switch]) == expected
    assert await found(browser, line=needle, switches=[switch]) == expected
    ids = [f"e{one}" for one in expected]
    answer = await ask(browser, "SearchSnippet/get", emailIds=ids, filter={"text": needle, "switches": [switch]})
    assert {one["emailId"][1:]: one["foundBy"] for one in answer["list"]} == {
        one: [] if one in plain else [switch] for one in expected
    }
    assert all("<mark>" in f"{one['subject']}{one['preview']}{one['file']}" for one in answer["list"])


@pytest.mark.usefixtures("five")
async def test_a_snippet_names_the_file(browser):
    answer = await ask(browser, "SearchSnippet/get", emailIds=["e4", "e1"], filter={"line": "회의록"})
    by_id = {one["emailId"]: one for one in answer["list"]}
    assert by_id["e4"]["file"] == "<mark>회의록</mark> 최종.hwp"
    assert by_id["e1"]["file"] is None and answer["notIndexed"] == 0


@pytest.mark.usefixtures("five")
async def test_without_our_capability_nothing_of_it_is_there(browser):
    plain = (CORE, MAIL)
    for filter in ({"line": "x"}, {"fileName": "x"}, {"text": "x", "switches": []}):
        assert await ask(browser, "Email/query", plain, filter=filter) == "unsupportedFilter"
    assert "notIndexed" not in await ask(browser, "Email/query", plain, filter={"text": "회의"})
    answer = await ask(browser, "SearchSnippet/get", plain, emailIds=["e1"], filter={"text": "회의"})
    assert set(answer["list"][0]) == {"emailId", "subject", "preview"} and "notIndexed" not in answer


@pytest.mark.parametrize("filter", [{"switches": ["other"]}, {"line": 3}, {"line": "x" * 3000}])
async def test_bad_conditions_are_refused(browser, filter):
    assert await ask(browser, "Email/query", filter=filter) == "invalidArguments"


@pytest.mark.usefixtures("five")
async def test_what_is_not_indexed_is_told_until_it_is(house, kim, browser, monkeypatch):
    """A query reads a few new messages itself; of more it says how many it did not look at."""
    assert (await ask(browser, "Email/query", filter={"text": "회의"}))["notIndexed"] == 0
    monkeypatch.setattr(index, "READ_PENDING", 2)
    answer = await ask(browser, "Email/query", filter={"text": "회의"})
    assert (answer["notIndexed"], answer["canCalculateChanges"]) == (3, False)
    assert (await ask(browser, "Email/query", filter={"subject": "회의"}))["canCalculateChanges"] is False
    assert (await ask(browser, "Email/query", filter={"hasKeyword": "$seen"}))["notIndexed"] == 0
    snippets = await ask(browser, "SearchSnippet/get", emailIds=["e1"], filter={"text": "회의"})
    assert snippets["notIndexed"] == 3
    await house.services.search.indexing.catch_up(kim.id)
    answer = await ask(browser, "Email/query", filter={"subject": "회의"})
    assert (answer["notIndexed"], answer["canCalculateChanges"], len(answer["ids"])) == (0, True, 1)


@pytest.mark.usefixtures("five")
async def test_many_hits_are_judged_by_columns_in_memory_with_the_same_result(browser, monkeypatch):
    asked = [{"line": line} for line in ("회의", "회의 in:archive", "회의 -in:archive", "is:unread 회의")]
    by_rows = [await found(browser, **one) for one in asked]
    await found(browser, hasKeyword="$seen")  # reads the columns
    monkeypatch.setattr(query, "HANDFUL", 0)
    assert [await found(browser, **one) for one in asked] == by_rows == ["41", "4", "1", "4"]


@pytest.mark.usefixtures("five")
async def test_the_first_results_come_without_finding_all(browser, monkeypatch):
    asked = {"filter": {"line": "회의 -분기"}, "sort": [{"property": "receivedAt", "isAscending": False}]}
    whole = await ask(browser, "Email/query", **asked, calculateTotal=True)
    words = {"filter": {"text": "example"}, "position": 1}
    everything = (await ask(browser, "Email/query", **words, calculateTotal=True))["ids"]
    assert len(everything) == 4

    async def no_whole_set(*_arguments, **_options):
        raise AssertionError("asked for all")

    first = await ask(browser, "Email/query", **asked, limit=1)
    assert (first["ids"], first["position"], "total" in first) == (whole["ids"][:1], 0, False)
    assert (first["queryState"], first["canCalculateChanges"]) == (whole["queryState"], False)
    monkeypatch.setattr(query.QueryService, "find", no_whole_set)
    assert await ask(browser, "Email/query", **asked, limit=1) == first
    second = await ask(browser, "Email/query", **words, limit=2)
    assert (second["ids"], second["position"]) == (everything[:2], 1)
    for other in ({"calculateTotal": True}, {"collapseThreads": True}, {"position": -1}, {"limit": 5_000}):
        assert await ask(browser, "Email/query", **{**asked, "limit": 1, **other}) == "serverFail", other
    assert await ask(browser, "Email/query", **{**asked, "sort": [{"property": "size"}], "limit": 1}) == "serverFail"
