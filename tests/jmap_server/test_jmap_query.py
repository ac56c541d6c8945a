"""Email/query and SearchSnippet/get."""

import pytest
from tests.jmap_server.jmap_house import mail

DAY = 86_400_000


@pytest.fixture
async def six(house, kim):
    """e1 … e6, received one day after the other; e4 lies in the archive, e6 in the trash."""
    base = 1_750_000_000_000
    text = {"Content_Type": "text/plain; charset=utf-8"}
    await house.deliver(kim, mail("Budget 2025", "numbers of spring", **text), names=("$seen",), at=base + 1 * DAY)
    await house.deliver(
        kim, mail("회의 안내", "예산안을 봅니다", Message_ID="<meet@b>", **text), names=("work",), at=base + 2 * DAY
    )
    await house.deliver(
        kim, mail("Re: 회의 안내", "x" * 5000, In_Reply_To="<meet@b>", From="Park <park@c.example>", Cc="Choi <choi@a.example>", **text),
        names=("$flagged", "work"), at=base + 3 * DAY,
    )  # fmt: skip
    await house.deliver(kim, mail("apple", "plain words"), role="archive", at=base + 4 * DAY)
    attachment = mail(
        "file",
        "QUJD",
        Content_Type='application/pdf; name="보고서.pdf"',
        Content_Transfer_Encoding="base64",
        X_Team="blue",
    )
    await house.deliver(kim, attachment, at=base + 5 * DAY)
    await house.deliver(kim, mail("gone", "budget again", Bcc="secret@a.example"), role="trash", at=base + 6 * DAY)


async def ids(browser, filter=None, **arguments):
    return (await browser.call("Email/query", filter=filter, **arguments))["ids"]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (None, "654321"),
        ({}, "654321"),
        ({"inMailbox": "m1"}, "5321"),
        ({"inMailbox": "m99"}, ""),
        ({"inMailbox": "nonsense"}, ""),
        ({"inMailboxOtherThan": ["m1", "m4"]}, "4"),
        ({"hasKeyword": "$seen"}, "1"),
        ({"notKeyword": "$SEEN"}, "65432"),
        ({"hasKeyword": "WORK"}, "32"),
        ({"hasKeyword": "never"}, ""),
        ({"hasAttachment": True}, "5"),
        ({"minSize": 5000}, "3"),
        ({"maxSize": 5000, "inMailbox": "m1"}, "521"),
        ({"after": "2025-06-18T15:06:40Z", "before": "2025-06-19T15:06:40Z"}, "3"),
        ({"someInThreadHaveKeyword": "$flagged"}, "32"),
        ({"allInThreadHaveKeyword": "work"}, "32"),
        ({"allInThreadHaveKeyword": "$flagged"}, ""),
        ({"noneInThreadHaveKeyword": "$flagged"}, "6541"),
        ({"subject": "회의"}, "32"),
        ({"subject": "BUDGET"}, "1"),
        ({"from": "park"}, "3"),
        ({"from": "lee@b"}, "65421"),
        ({"cc": "choi"}, "3"),
        ({"bcc": "secret"}, "6"),
        ({"to": "kim@a.example", "inMailbox": "m1"}, "5321"),
        ({"text": "budget"}, "61"),
        ({"text": "예산안"}, "2"),
        ({"body": "spring numbers"}, "1"),
        ({"body": '"spring numbers"'}, ""),
        ({"text": "보고서"}, "5"),
        ({"header": ["X-Team"]}, "5"),
        ({"header": ["x-team", "BLUE"]}, "5"),
        ({"header": ["X-Team", "red"]}, ""),
        ({"header": ["Subject", "회의"]}, "32"),
        ({"operator": "AND", "conditions": [{"inMailbox": "m1"}, {"notKeyword": "$seen"}]}, "532"),
        ({"operator": "OR", "conditions": [{"hasKeyword": "$seen"}, {"hasAttachment": True}]}, "51"),
        ({"operator": "NOT", "conditions": [{"inMailbox": "m1"}, {"inMailbox": "m4"}]}, "4"),
        ({"operator": "NOT", "conditions": [{"text": "budget"}, {"text": "회의"}]}, "54"),
        ({"operator": "AND", "conditions": []}, "654321"),
        ({"operator": "OR", "conditions": []}, ""),
        ({"operator": "AND", "conditions": [{"operator": "OR", "conditions": [{"subject": "file"}, {"body": "spring"}]}, {"inMailbox": "m1"}]}, "51"),
    ],
)  # fmt: skip
async def test_filters(browser, six, filter, expected):
    assert await ids(browser, filter) == [f"e{one}" for one in expected]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([{"property": "receivedAt"}], "1235"),
        ([{"property": "receivedAt", "isAscending": False}], "5321"),
        ([{"property": "size", "isAscending": False}, {"property": "receivedAt"}], "3512"),
        ([{"property": "subject"}], "1532"),
        ([{"property": "subject"}, {"property": "receivedAt"}], "1523"),
        ([{"property": "from", "isAscending": False}], "3521"),
        ([{"property": "hasKeyword", "keyword": "work", "isAscending": False}], "3251"),
        ([{"property": "someInThreadHaveKeyword", "keyword": "$flagged", "isAscending": False}], "3251"),
        ([{"property": "sentAt"}, {"property": "receivedAt"}], "1235"),
    ],
)
async def test_sorts(browser, six, sort, expected):
    assert await ids(browser, {"inMailbox": "m1"}, sort=sort) == [f"e{one}" for one in expected]


async def test_windows(browser, six):
    box = {"inMailbox": "m1"}
    answer = await browser.call("Email/query", filter=box, position=1, limit=2, calculateTotal=True)
    assert (answer["ids"], answer["position"], answer["total"]) == (["e3", "e2"], 1, 4)
    assert "limit" not in answer and answer["canCalculateChanges"] is True
    assert "total" not in await browser.call("Email/query", filter=box)
    assert await ids(browser, box, position=-2) == ["e2", "e1"]
    assert await ids(browser, box, position=-99, limit=1) == ["e5"]
    assert await ids(browser, box, anchor="e2", anchorOffset=-1, limit=2) == ["e3", "e2"]
    assert await ids(browser, box, anchor="e5", anchorOffset=-9, limit=1) == ["e5"]
    assert await ids(browser, box, limit=0) == []
    assert (await browser.call("Email/query", filter=box, limit=99_999))["limit"] == 10_000
    assert await browser.error("Email/query", filter=box, anchor="e4") == "anchorNotFound"
    assert await browser.error("Email/query", filter=box, anchor="zz") == "anchorNotFound"
    assert await ids(browser, box, position=50) == []


async def test_collapsed_threads(browser, six):
    assert await ids(browser, {"inMailbox": "m1"}, collapseThreads=True) == ["e5", "e3", "e1"]
    answer = await browser.call(
        "Email/query",
        filter={"inMailbox": "m1"},
        collapseThreads=True,
        sort=[{"property": "receivedAt"}],
        calculateTotal=True,
    )
    assert (answer["ids"], answer["total"]) == (["e1", "e2", "e5"], 3)


async def test_the_answer_follows_changes(house, browser, kim, six):
    unread = {"operator": "AND", "conditions": [{"inMailbox": "m1"}, {"notKeyword": "$seen"}]}
    assert await ids(browser, unread) == ["e5", "e3", "e2"]
    state = (await browser.call("Email/query", filter=unread))["queryState"]
    await browser.call("Email/set", update={"e3": {"keywords/$seen": True}}, destroy=["e5"])
    number = await house.deliver(kim, mail("brand new"))
    answer = await browser.call("Email/query", filter=unread)
    assert answer["ids"] == [f"e{number}", "e2"] and answer["queryState"] != state


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"filter": {"nonsense": 1}}, "unsupportedFilter"),
        ({"filter": {"subject": 7}}, "invalidArguments"),
        ({"filter": {"before": "yesterday"}}, "invalidArguments"),
        ({"filter": {"before": "2025-02-30T00:00:00Z"}}, "invalidArguments"),
        ({"sort": [{"property": "nonsense"}]}, "unsupportedSort"),
        ({"sort": [{"property": "hasKeyword"}]}, "unsupportedSort"),
        ({"sort": [{"property": "size", "keyword": "x"}]}, "unsupportedSort"),
        ({"limit": -1}, "invalidArguments"),
    ],
)
async def test_refused_queries(browser, arguments, kind):
    assert await browser.error("Email/query", **arguments) == kind


async def test_other_accounts_see_nothing(house, six):
    other = await house.browser("choi@a.example")
    assert await ids(other, {"inMailbox": "m1"}) == [] and await ids(other, {"text": "budget"}) == []


async def test_snippets(house, browser, kim, six):
    number = await house.deliver(kim, mail("<b>Budget</b>", "start " + "word " * 100 + "the budget & more"))
    answer = await browser.call(
        "SearchSnippet/get", emailIds=[f"e{number}", "e1", "e4", "e99"], filter={"text": "budget"}
    )
    assert answer["notFound"] == ["e99"]
    first, second, third = answer["list"]
    assert first["subject"] == "&lt;b&gt;<mark>Budget</mark>&lt;/b&gt;"
    assert "the <mark>budget</mark> &amp; more" in first["preview"]
    assert (second["subject"], second["preview"]) == ("<mark>Budget</mark> 2025", None)
    assert (third["subject"], third["preview"]) == (None, None)
    assert (await browser.call("SearchSnippet/get", emailIds=["e1"]))["list"][0]["subject"] is None
