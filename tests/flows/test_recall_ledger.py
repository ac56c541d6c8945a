"""The ledger of a recall (발송취소): for every kind of recipient and all of them together, what the sender is told of each is what the
receipt says and what became of the copies, the queue, the pages and the links.
"""

from itertools import batched, combinations

import pytest
from tests.jmap_server.jmap_house import mail, open_house
from tests.jmap_server.test_jmap_sent_mail import CLI, knob
from tests.jmap_server.test_recall_receipt import link_of
from tests.strength import FULL

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import NotFound
from smartmail.domain.principal import Origin
from smartmail.formats import recall_receipt
from smartmail.service.flow.queue_work import Outcome
from smartmail.service.flow.submission_request import Request
from smartmail.service.kernel.envelope import Result, open_recipient
from smartmail.service.mailbox.mailstore.carrying import Arrival
from smartmail.service.mailbox.secure_mail import SecureOptions

KIM, LIST, TEAM = "kim@a.example", "all@a.example", "team@a.example"
THERE = Origin("links", "203.0.113.9")
INSIDE = {
    "unread": ("recalled", "unread"), "read": ("read", "read"), "moved": ("recalled", "unread"), "copied": ("recalled", "unread"),
    "copied-read": ("read", "read"), "deleted": ("gone", "unknown"), "list": ("recalled", "unknown"),
}  # fmt: skip
OUTSIDE = {"waiting": ("cancelled", "unread"), "leaving": ("outside", "unknown"), "left": ("outside", "unknown")}
PAGES = {"waiting": ("cancelled", "unread"), "unopened": ("recalled", "unread"), "opened": ("read", "read")}
ENDED = {"delivered", "bounced", "expired", "cancelled"}
MODES = {"plain": {**INSIDE, **OUTSIDE}, "secure": {**INSIDE, **PAGES}, "planned": {**INSIDE, **OUTSIDE}}
CHUNK = 16


def address(kind):
    if kind == "list":
        return LIST
    return f"{kind}@a.example" if kind in INSIDE else f"x@{kind}.example"


def letters(mode):
    """Return which kinds of recipients each letter has: each alone, all pairs and all; in full runs all sets that there are."""
    kinds = tuple(MODES[mode])
    sizes = range(1, len(kinds) + 1) if FULL and mode != "planned" else (1, 2, len(kinds))
    return [one for size in sizes for one in combinations(kinds, size)]


def turns():
    return [(mode, part) for mode in MODES for part in batched(letters(mode), CHUNK, strict=False)]


class Ledger:
    """Kim, who sends and takes back, and what everybody else does in between."""

    def __init__(self, house):
        self.house, self.services = house, house.services
        self.kim, self.team = house.accounts[KIM], house.accounts[TEAM]
        self.browsers, self.leaving, self.number = {}, [], 0

    def actor(self, login):
        return self.house.actor(self.house.accounts[login])

    async def send(self, kinds, mode):
        """Send a letter with a link in its text; return its number."""
        self.number += 1
        self.link = await link_of(self.house, self.kim, f"{mode}{self.number}.zip")
        named = {"Message-ID": f"<{mode}{self.number}@a.example>"}
        octets = mail(
            f"letter {self.number}",
            f"here: {self.link.url}\n",
            From=f"Kim <{KIM}>",
            To=", ".join(map(address, kinds)),
            **named,
        )
        message_id = await self.house.deliver(self.kim, octets, role="drafts", names=("$draft",))
        who = self.actor(KIM)
        [identity, *_] = await self.services.identities.list_all(who, self.kim.id)
        request = Request(
            identity.row.id, message_id, delay=3600 if mode == "planned" else 0,
            secure=SecureOptions(notify=False) if mode == "secure" else None,
        )  # fmt: skip
        await self.services.submissions.submit(who, self.kim.id, request)
        await self.run()
        return message_id

    async def run(self):
        """Let the queue do its work: all of it inside; outside as the kind of a recipient says."""
        queue, outside = self.services.queue, []
        await self.services.tracer.settle()
        while works := await queue.lease("w", limit=99):
            for work in works:
                if work.domain.removesuffix(".example") not in {**OUTSIDE, **PAGES}:
                    await queue.report("w", work, await self.services.delivery.deliver_queued(work))
                else:
                    outside.append(work)
        for work in outside:
            kind = work.domain.removesuffix(".example")
            if kind == "waiting":
                await queue.give_back("w", work)
            elif kind == "leaving":
                self.leaving.append(work)
            else:
                await self.take(work)
        await self.services.tracer.settle()

    async def take(self, work):
        """Be the server outside, which takes it over."""
        done = [Outcome(row.number, "delivered", Result(250, "2.0.0", "ok")) for row, _ in work.recipients]
        await self.services.queue.report("w", work, done)

    async def end(self):
        """Let what a worker has in hand leave."""
        while self.leaving:
            await self.take(self.leaving.pop())

    async def newest(self, login):
        account = self.house.accounts[login]
        rows = await self.services.reading.every_row(self.house.actor(account), account.id)
        return max(rows, key=lambda one: one.id)

    async def act(self, kinds, mode):
        """Do what each recipient does before the recall; return the copies that there are, by kind: (account, number)."""
        copies = {}
        for kind in kinds if mode != "planned" else ():
            if kind in INSIDE:
                copies[kind] = await self.inside(kind)
            if kind == "opened":
                opening = self.services.secure_mail.opening
                await opening.open(await opening.find(await self.token(kind), THERE), THERE, "test")
        await self.services.tracer.settle()
        await self.services.trace.follower.turn()
        return copies

    async def inside(self, kind):
        login = "member@a.example" if kind == "list" else address(kind)
        account, row, reading = self.house.accounts[login], await self.newest(login), self.services.reading
        found = [(account.id, row.id)]
        if kind == "read":
            await reading.octets(self.actor(login), account.id, row.id)
        elif kind in {"moved", "deleted"}:
            browser = self.browsers.get(login) or await self.house.browser(login)
            self.browsers[login] = browser
            box = (await self.services.mailboxes.by_role(self.actor(login), account.id, "archive")).row.id
            change = {"update": {f"e{row.id}": {"mailboxIds": {f"m{box}": True}}}}
            answer = await browser.call("Email/set", **(change if kind == "moved" else {"destroy": [f"e{row.id}"]}))
            assert answer["updated" if kind == "moved" else "destroyed"], answer
        elif kind in {"copied", "copied-read"}:
            box = (await self.services.mailboxes.by_role(self.actor(TEAM), self.team.id, "inbox")).row.id
            made = await self.services.carrying.copy_messages(
                self.actor(login), account.id, self.team.id, {row.id: Arrival((box,))}
            )
            found.append((self.team.id, made[row.id].message_id))
            if kind == "copied-read":
                await reading.octets(self.actor(TEAM), self.team.id, made[row.id].message_id)
        return found

    async def tickets(self):
        [newest, *_] = await self.services.secure_mail.console.list_all(self.actor(KIM))
        return {one.text.recipient: one.text.token for one in newest.tickets}

    async def token(self, kind):
        return (await self.tickets())[address(kind)]

    async def queued(self):
        """Return who still waits in the queue for mail of Kim's."""
        found = set()
        for entry, rows in await self.house.store.queue_entries(1000):
            keys = await self.services.queue._keyring.queue(entry.organization_id)
            found |= {
                open_recipient(keys, row).address
                for row in rows
                if entry.account_id == self.kim.id and row.state not in ENDED
            }
        return found


@pytest.fixture
async def ledger(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house:
        for login in (KIM, TEAM, "member@a.example", *(address(one) for one in INSIDE if one != "list")):
            await house.person(login)
        for kind in ("copied", "copied-read"):
            await house.share(house.accounts[TEAM], house.accounts[address(kind)], "lrswipkxte")
        await house.services.addressing.lists.create(CLI, LIST, ListText("all", (KIM,), notice=True))
        await house.services.addressing.lists.add(CLI, LIST, [Member("member@a.example")])
        await knob(house, "trace.read-told", True)
        await knob(house, "secure-mail.proof", "link")
        yield Ledger(house)


@pytest.mark.parametrize(("mode", "part"), turns(), ids=lambda one: one if isinstance(one, str) else str(len(one)))
async def test_what_is_told_of_each_recipient_is_what_became_of_it(ledger, mode, part):
    for kinds in part:
        message_id = await ledger.send(kinds, mode)
        copies = await ledger.act(kinds, mode)
        recall = await ledger.services.sent_mail.recall(ledger.actor(KIM), ledger.kim.id, message_id)
        told = {one.address: (one.result, one.reading) for one in recall.results}
        due = {address(one): ("cancelled", "unread") if mode == "planned" else MODES[mode][one] for one in kinds}
        assert told == due, (mode, kinds)
        receipt = recall_receipt.read(recall_receipt.read_document(recall.receipt)[0])
        assert {one.address: (one.result, one.reading) for one in receipt.recipients} == due, (mode, kinds)
        assert [one.file for one in receipt.links] == [f"{mode}{ledger.number}.zip"]
        await there(ledger, kinds, mode, copies)


async def there(ledger, kinds, mode, copies):
    """What is told is what there is."""
    for kind, places in copies.items():
        left = [len(await ledger.house.store.messages(account, [number])) for account, number in places]
        assert left == [INSIDE[kind][0] == "read"] * len(places), (mode, kinds, kind)
    kept = {address("leaving")} if "leaving" in kinds and mode == "plain" else set()
    assert await ledger.queued() & set(map(address, kinds)) == kept, (mode, kinds)
    if mode == "secure" and set(kinds) & set(PAGES):
        for token in (await ledger.tickets()).values():
            with pytest.raises(NotFound):
                await ledger.services.secure_mail.opening.find(token, THERE)
    [link] = [
        one
        for one in await ledger.services.big_files.links.list_all(ledger.actor(KIM))
        if one.row.id == ledger.link.row.id
    ]
    assert link.row.revoked_at
    await ledger.end()
    assert await ledger.queued() == set()
