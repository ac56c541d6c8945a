"""apply(changes) == refetch: who follows the log sees what somebody sees who asks anew (AR-5).

One generator of histories for both protocols. Sessions of JMAP and IMAP change an account in turn; JMAP clients follow
`/changes` and `/queryChanges`, IMAP clients CHANGEDSINCE, QRESYNC and VANISHED, each at times of its own, so that they
follow short and long stretches of the log, in pieces or whole.
"""

import asyncio
import contextlib
import random

import pytest
from tests.jmap_server.jmap_house import PASSWORD
from tests.jmap_server.sync_history import History
from tests.jmap_server.sync_imap import ImapDweller, ImapReturner, imap_port, open_client
from tests.jmap_server.sync_jmap import QUERIES, JmapFollower

from smartmail.edge.net.deadlines import Deadlines

STEPS = 50
LOGIN = "lee@a.example"


@pytest.fixture
async def world(house):
    """The account, a maker of JMAP sessions and one of IMAP sessions."""
    account = await house.person(LOGIN, PASSWORD)
    clients = []
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(imap_port(house.services, Deadlines(asyncio.get_running_loop())))

        async def connection():
            clients.append(await open_client(port, LOGIN, PASSWORD))
            return clients[-1]

        yield account, lambda: house.browser(LOGIN), connection
        for client in clients:
            await client.close()


@pytest.mark.parametrize("seed", range(6))
async def test_following_changes_is_as_good_as_asking_anew(house, world, seed):
    account, browser, connection = world
    dice = random.Random(seed)
    # Half of the seeds let both protocols change the account, the others one of them.
    doors = ("both", "both", "jmap", "imap", "both", "both")[seed]
    browsers = [await browser() for _ in range(2)] if doors != "imap" else []
    connections = [await connection() for _ in range(2)] if doors != "jmap" else []
    history = History(house, account, dice, browsers, connections)
    looker, other = await browser(), await connection()
    boxes = (await looker.call("Mailbox/get", ids=None))["list"]
    inbox = next(one["id"] for one in boxes if one["role"] == "inbox")
    followers = [
        (JmapFollower(looker, dice, inbox), 3), (JmapFollower(looker, dice, inbox), 17),
        (ImapReturner(await connection(), other, dice), 4), (ImapReturner(await connection(), other, dice), 19),
        (ImapDweller(await connection(), other), 2),
    ]  # fmt: skip
    for follower, _ in followers:
        await follower.begin()
    for step in range(STEPS):
        await history.step()
        for follower, every in followers:
            if step % every == 0:
                await follower.follow()
                await follower.compare()
    for follower, _ in followers:
        await follower.follow()
        await follower.compare()


@pytest.mark.parametrize(("seed", "rights", "role"), [(0, "lrs", "inbox"), (1, "lrs", None), (2, "lrswite", "inbox")])
async def test_whoever_sees_a_part_of_an_account_follows_that_part(house, world, seed, rights, role):
    account, browser, connection = world
    dice = random.Random(seed)
    history = History(house, account, dice, [await browser() for _ in range(2)], [await connection()])
    await house.share(account, house.accounts["choi@a.example"], rights, role)
    boxes = (await history.browser.call("Mailbox/get", ids=None))["list"]
    inbox = next(one["id"] for one in boxes if one["role"] == "inbox")
    queries = [one for one in QUERIES if not one[0].startswith("EmailSubmission")]
    followers = []
    for every in (3, 11):
        guest = await house.browser("choi@a.example")
        guest.account = history.browser.account
        followers.append((JmapFollower(guest, dice, inbox, ("Mailbox", "Email", "Thread"), queries, guest=True), every))
    for follower, _ in followers:
        await follower.begin()
    for step in range(STEPS):
        await history.step()
        for follower, every in followers:
            if step % every == 0:
                await follower.follow()
                await follower.compare()
