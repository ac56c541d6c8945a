"""A client that comes back after its changes were forgotten is told so, reads anew, and goes on (RFC 8620 §5.2, §5.6)."""

import pytest
from tests.jmap_server.jmap_house import open_house

LETTER = b"From: a@x.example\r\nSubject: %d\r\n\r\ntext\r\n"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        await opened.person("kim@a.example")
        yield opened


async def trim(house, account):
    """Forget all that has been destroyed so far."""
    row = await house.store.account(account.id)
    await house.store.trim_changes(account.id, row.modseq)


async def test_cannot_calculate_changes_then_read_anew(house):
    account = house.accounts["kim@a.example"]
    browser = await house.browser("kim@a.example")
    for number in range(2):
        await house.deliver(account, LETTER % number)
    first, second = (await browser.call("Email/query", filter={}, sort=[{"property": "receivedAt"}]))["ids"]
    old = (await browser.call("Email/get", ids=[]))["state"]
    boxes = (await browser.call("Mailbox/get", ids=[]))["state"]
    query = (await browser.call("Email/query", filter={}))["queryState"]
    await browser.call("Email/set", destroy=[first])
    now = (await browser.call("Email/get", ids=[]))["state"]
    told = await browser.call("Email/changes", sinceState=old)
    assert told["destroyed"] == [first]
    await trim(house, account)

    for call in ("Email/changes", "Thread/changes"):
        assert await browser.error(call, sinceState=old) == "cannotCalculateChanges"
    assert await browser.error("Email/queryChanges", filter={}, sinceQueryState=query) == "cannotCalculateChanges"
    # Whoever was here since misses nothing; no mailbox was destroyed, so old states of theirs are as good as ever.
    assert (await browser.call("Email/changes", sinceState=now))["destroyed"] == []
    assert (await browser.call("Mailbox/changes", sinceState=boxes))["destroyed"] == []
    for kind in ("Identity", "EmailSubmission"):
        assert (await browser.call(f"{kind}/changes", sinceState="0"))["destroyed"] == []

    fresh = await browser.call("Email/query", filter={})
    assert fresh["ids"] == [second]
    await house.deliver(account, LETTER % 3)
    (third,) = set((await browser.call("Email/query", filter={}))["ids"]) - {second}
    state = (await browser.call("Email/get", ids=fresh["ids"]))["state"]
    await browser.call("Email/set", destroy=[third])
    assert (await browser.call("Email/changes", sinceState=state))["destroyed"] == [third]
