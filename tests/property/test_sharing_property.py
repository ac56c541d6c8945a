"""Whatever is granted, taken, moved and destroyed: a person learns of somebody else's account what they may read, no more.

Random histories; after each step the visitor asks everything that JMAP lets them ask, about every id that there is, and
keeps a mirror by `/changes` alone. The model is small: a message may be seen where it lies in a mailbox with `r`.
"""

import contextlib
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.jmap_server.jmap_house import USING, Browser, House, mail, open_house

from smartmail.domain.errors import Invalid
from smartmail.domain.rights import WHOLE_ACCOUNT, Grantee

pytestmark = pytest.mark.splittable

ALL_USING = [
    *USING, "urn:ietf:params:jmap:principals", "urn:ietf:params:jmap:mail:share", "urn:ietf:params:jmap:quota",
    "urn:ietf:params:jmap:blob", "https://smartmail.example/jmap",
]  # fmt: skip
STEPS = 30
WORDS = ["apple", "banana", "cherry", "durian"]


@dataclass
class Mirror:
    """What a client knows by changes alone."""

    emails: dict[str, set[str]] = field(default_factory=dict)
    mailboxes: dict[str, int] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    work: dict[str, dict[str, str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    ever: set[str] = field(default_factory=set)
    listed: tuple[str, list[str]] | None = None


class Visitor:
    """Kim's account as Choi gets to see it."""

    def __init__(self, browser: Browser, account: str):
        self.browser, self.account = browser, account
        self.mirror = Mirror()

    async def calls(self, *calls: list[Any]) -> list[list[Any]]:
        full = [
            [name, arguments if name == "Core/echo" else {"accountId": self.account, **arguments}, str(number)]
            for number, (name, arguments) in enumerate(calls)
        ]
        reply = await self.browser.ask("POST", "/jmap/api/", {"using": ALL_USING, "methodCalls": full})
        assert reply.status == 200, reply.body
        return reply.json["methodResponses"]

    async def call(self, name: str, **arguments: Any) -> Any:
        return (await self.calls([name, arguments]))[0][1]

    async def sync(self) -> None:
        """Bring the mirror up to date as a client does: by changes, from anew where they cannot be told."""
        for kind in ("Mailbox", "Email", "Thread", "Note", "Assignment"):
            state = self.mirror.states.get(kind)
            changed = await self.call(f"{kind}/changes", sinceState=state) if state is not None else {"type": "first"}
            while "type" not in changed:
                self._forget(kind, changed["destroyed"])
                await self._fetch(kind, [*changed["created"], *changed["updated"]])
                self.mirror.states[kind] = changed["newState"]
                if not changed["hasMoreChanges"]:
                    break
                changed = await self.call(f"{kind}/changes", sinceState=changed["newState"])
            else:
                self._all(kind).clear()
                self.mirror.states.pop(kind, None)
                await self._fetch(kind, None)

    async def list_again(self) -> None:
        """Keep the whole list by queryChanges (RFC 8620 §5.6): what was removed out, what was added to its place."""
        known = self.mirror.listed
        changed = await self.call("Email/queryChanges", sinceQueryState=known[0]) if known else {"type": "first"}
        if "type" in changed:
            asked = await self.call("Email/query")
            self.mirror.listed = (asked["queryState"], asked["ids"]) if "type" not in asked else None
            return
        assert known is not None
        assert set(changed["removed"]) <= self.mirror.ever
        ids = [one for one in known[1] if one not in set(changed["removed"])]
        for one in changed["added"]:
            ids.insert(one["index"], one["id"])
        self.mirror.listed = (changed["newQueryState"], ids)

    def _all(self, kind: str) -> dict[str, Any]:
        known = {"Mailbox": self.mirror.mailboxes, "Email": self.mirror.emails, "Thread": self.mirror.threads}
        return known.get(kind, self.mirror.work.setdefault(kind, {}))

    def _forget(self, kind: str, gone: list[str]) -> None:
        # What was never seen is not named, not even as gone.
        assert set(gone) <= self.mirror.ever, (kind, gone)
        for one in gone:
            self._all(kind).pop(one, None)

    async def _fetch(self, kind: str, ids: list[str] | None) -> None:
        if kind == "Thread" and ids is None:
            ids = await self.thread_ids()
        answer = await self.call(f"{kind}/get", ids=ids)
        if "type" in answer:
            return
        assert answer["notFound"] == [], (kind, answer["notFound"])
        for one in answer["list"]:
            shown = {"Mailbox": "totalEmails", "Email": "mailboxIds", "Thread": "emailIds"}.get(kind, "emailId")
            self._all(kind)[one["id"]] = one[shown]
            self.mirror.ever.add(one["id"])
        # Later ones come with the changes.
        self.mirror.states.setdefault(kind, answer["state"])

    async def thread_ids(self) -> list[str]:
        answers = await self.calls(
            ["Email/query", {}],
            [
                "Email/get",
                {"#ids": {"resultOf": "0", "name": "Email/query", "path": "/ids"}, "properties": ["threadId"]},
            ],
        )
        return sorted({one["threadId"] for one in answers[1][1]["list"]}) if answers[1][0] == "Email/get" else []


class World:
    """Kim's account, what Choi is given in it, and what follows from that."""

    def __init__(self, house: House, rng: random.Random):
        self.house, self.rng = house, rng
        self.kim, self.choi = house.accounts["kim@a.example"], house.accounts["choi@a.example"]
        self.actor = house.actor(self.kim)
        self.grants: dict[int, frozenset[str]] = {}
        self.boxes: list[int] = []
        self.words: dict[int, str] = {}
        self.count = 0

    async def open(self) -> None:
        for name in ("One", "Two", "Three"):
            row = await self.house.services.mailboxes.create(self.actor, self.kim.id, name)
            self.boxes.append(row.id)
        for word in WORDS:
            await self.house.services.tags.create(self.actor, self.kim.id, f"태그 {word}", keyword=word)
        await self._give(self.boxes[0], self.rng.choice(["lr", "lrs", "lrswite"]))
        for _ in range(3):
            await self.deliver()

    def may(self, right: str, box: int) -> bool:
        return right in self.grants.get(box, frozenset()) | self.grants.get(WHOLE_ACCOUNT, frozenset())

    async def placed(self) -> dict[int, set[int]]:
        """Where the messages really lie."""
        services = self.house.services
        found = await services.reading.placed(self.actor, self.kim.id, list(self.words))
        return {number: set(boxes) for number, boxes in found.items()}

    async def tagged(self, among: Any) -> Counter[str]:
        """How many of some messages carry each word."""
        services = self.house.services
        names = await services.keywords.names(self.kim.id)
        rows = await services.reading.rows(self.actor, self.kim.id, list(among))
        return Counter(names[tag] for row in rows.values() for tag in row.keywords.tags)

    async def step(self) -> str:
        acts = [
            self.deliver,
            self.move,
            self.copy,
            self.destroy,
            self.mark,
            self.grant,
            self.note,
            self.assign,
            self.drop_box,
        ]
        [act] = self.rng.choices(acts, [6, 4, 2, 3, 1, 1, 1.5, 1.5, 0.5])
        await act()
        return act.__name__

    async def deliver(self) -> None:
        self.count += 1
        word = self.rng.choice(WORDS)
        # Some are answers, so that conversations span mailboxes.
        earlier = self.rng.choice([None, *range(1, self.count)])
        references = (
            {}
            if earlier is None
            else {"In_Reply_To": f"<m{earlier}@x.example>", "References": f"<m{earlier}@x.example>"}
        )
        octets = mail(f"{'Re: ' if earlier else ''}subject", f"{word}{self.count}", Message_ID=f"<m{self.count}@x.example>",
                      **references)  # fmt: skip
        services = self.house.services
        intake = await services.messages.begin(self.actor, self.kim.id, len(octets))
        await intake.feed(octets)
        box = self.rng.choice(self.boxes)
        added = await services.messages.add(self.actor, self.kim.id, await intake.finish(), [box])
        self.words[added.message_id] = f"{word}{self.count}"

    async def _set(self, **arguments: Any) -> None:
        browser = await self.house.browser("kim@a.example")
        await browser.call("Email/set", **arguments)

    async def move(self) -> None:
        placed = await self.placed()
        if placed:
            number = self.rng.choice(sorted(placed))
            await self._set(update={f"e{number}": {"mailboxIds": {f"m{self.rng.choice(self.boxes)}": True}}})

    async def copy(self) -> None:
        placed = await self.placed()
        if placed:
            number = self.rng.choice(sorted(placed))
            await self._set(update={f"e{number}": {f"mailboxIds/m{self.rng.choice(self.boxes)}": True}})

    async def destroy(self) -> None:
        placed = await self.placed()
        if placed:
            await self._set(destroy=[f"e{self.rng.choice(sorted(placed))}"])

    async def mark(self) -> None:
        placed = await self.placed()
        if placed:
            number = self.rng.choice(sorted(placed))
            await self._set(update={f"e{number}": {f"keywords/{self.rng.choice(WORDS)}": True}})

    async def grant(self) -> None:
        place = self.rng.choice([*self.boxes, *self.boxes, WHOLE_ACCOUNT])
        await self._give(place, self.rng.choice(["", "l", "lr", "lr", "lrs", "lrswite"]))

    async def _give(self, place: int, letters: str) -> None:
        rights = frozenset(letters)
        await self.house.services.sharing.share(
            self.actor, self.kim.id, place, Grantee("account", self.choi.id), rights
        )
        self.grants[place] = rights

    async def note(self) -> None:
        placed = await self.placed()
        if placed:
            number = self.rng.choice(sorted(placed))
            await self.house.services.work.write_note(self.actor, self.kim.id, number, self.words[number])

    async def assign(self) -> None:
        placed = await self.placed()
        if placed:
            number, whom = self.rng.choice(sorted(placed)), self.rng.choice([self.kim.id, self.choi.id])
            with contextlib.suppress(Invalid):
                await self.house.services.work.assign(self.actor, self.kim.id, number, whom)

    async def drop_box(self) -> None:
        if len(self.boxes) > 2 and self.rng.random() < 0.5:
            box = self.boxes.pop(self.rng.randrange(len(self.boxes)))
            await self.house.services.mailboxes.destroy(self.actor, self.kim.id, box, with_messages=True)
            self.grants.pop(box, None)


async def judge(world: World, visitor: Visitor, blobs: dict[int, str]) -> None:
    """Ask everything about everything."""
    placed = await world.placed()
    listed = {f"m{box}" for box in world.boxes if world.may("l", box)}
    visible = {n: {f"m{b}" for b in boxes if world.may("r", b)} for n, boxes in placed.items()}
    visible = {n: boxes for n, boxes in visible.items() if boxes}
    emails = {f"e{n}" for n in visible}
    every = [f"e{n}" for n in sorted(world.words)] + ["e999"]
    answers = await visitor.calls(["Mailbox/get", {}])
    held = frozenset().union(*(world.grants.get(b, frozenset()) for b in (*world.boxes, WHOLE_ACCOUNT)))
    if not held:
        for name, arguments in (
            ("Mailbox/get", {}),
            ("Email/get", {"ids": every}),
            ("Email/query", {}),
            ("Note/get", {}),
        ):
            assert (await visitor.call(name, **arguments))["type"] == "accountNotFound"
        return
    if not {"l", "r"} <= held:
        return
    shown = {one["id"]: one for one in answers[0][1]["list"]}
    defaults = {one for one in shown if int(one[1:]) not in world.boxes}
    assert shown.keys() - defaults == listed
    assert not defaults or world.may("l", WHOLE_ACCOUNT)
    answers = await visitor.calls(
        ["Email/get", {"ids": every, "properties": ["mailboxIds", "threadId", "blobId"]}],
        ["Email/query", {"calculateTotal": True}],
        ["Thread/get", {"ids": [f"t{n}" for n in sorted(world.words)] + ["t999"]}],
        ["SearchSnippet/get", {"emailIds": every, "filter": {"text": "apple"}}],
        ["Note/get", {}],
        ["Email/query", {"filter": {"text": "subject"}}],
        ["Tag/get", {}],
        ["Attachment/query", {}],
        ["DeletedEmail/query", {}],
        ["Quota/get", {}],
        ["Email/get", {"#ids": {"resultOf": "2", "name": "Thread/get", "path": "/list/*/emailIds"}, "properties": ["id"]}],
    )  # fmt: skip
    got, queried, threads, snippets, notes, texts, tags, files, deleted, quota, referred = [one[1] for one in answers]
    assert {one["id"]: set(one["mailboxIds"]) for one in got["list"]} == {
        f"e{n}": boxes for n, boxes in visible.items()
    }
    assert set(got["notFound"]) == set(every) - emails
    assert set(queried["ids"]) == emails and queried["total"] == len(emails)
    members = {member for one in threads["list"] for member in one["emailIds"]}
    assert members == emails
    assert {one["id"] for one in threads["list"]} == {one["threadId"] for one in got["list"]}
    assert {one["emailId"] for one in snippets["list"]} == emails
    assert {one["emailId"] for one in notes["list"]} <= emails
    assert set(texts["ids"]) <= emails
    assert {one["id"] for one in referred["list"]} == emails
    assert {one["emailId"] for one in files["list"]} <= emails and files["total"] <= len(emails)
    if not world.may("r", WHOLE_ACCOUNT):
        assert deleted["type"] == "forbidden" and quota["list"] == []
        assert {one["keyword"]: one["totalEmails"] for one in tags["list"]} == await world.tagged(visible)
    else:
        assert "list" in deleted
    await judge_hidden(world, visitor, visible, placed, blobs)


async def judge_hidden(world: World, visitor: Visitor, visible: Any, placed: Any, blobs: dict[int, str]) -> None:
    """What is hidden answers like what never was."""
    hidden = [n for n in placed if n not in visible]
    # Of one that is listed but must not be read it may be said so.
    closed = [f"m{b}" for b in world.boxes if not world.may("r", b) and not world.may("l", b)]
    for number in hidden[:2]:
        for make in (
            lambda e, b: ["Email/set", {"update": {e: {"keywords/$seen": True}}}],
            lambda e, b: ["Email/set", {"destroy": [e]}],
            lambda e, b: ["Email/parse", {"blobIds": [b]}],
            lambda e, b: ["Blob/get", {"ids": [b]}],
            lambda e, b: ["Blob/lookup", {"ids": [b], "typeNames": ["Email", "Mailbox", "Thread"]}],
            lambda e, b: ["Note/set", {"create": {"a": {"emailId": e, "text": "x"}}}],
            lambda e, b: ["Presence/set", {"create": {"a": {"emailId": e}}}],
            lambda e, b: ["Assignment/set", {"create": {"a": {"emailId": e, "assigneeId": "u2"}}}],
            lambda e, b: ["Email/get", {"ids": [e], "fetchAllBodyValues": True, "properties": ["bodyValues", "preview"]}],
            lambda e, b: ["Email/query", {"anchor": e}],
        ):  # fmt: skip
            [[name, there, _]] = await visitor.calls(make(f"e{number}", blobs[number]))
            [[_, absent, _]] = await visitor.calls(make("e999", "0" * 32))
            plain = re.sub(rf"e{number}\b|{blobs[number]}", "X", repr(there))
            assert re.sub(r"'state': '\d+'", "", plain) == re.sub(
                r"'state': '\d+'", "", re.sub(r"e999\b|0{32}", "X", repr(absent))
            ), name
        own = await visitor.browser.calls(
            ["Blob/copy", {"fromAccountId": visitor.account, "blobIds": [blobs[number]]}],
            [
                "Email/copy",
                {"fromAccountId": visitor.account, "create": {"a": {"id": f"e{number}", "mailboxIds": {"m1": True}}}},
            ],
        )
        assert own[0][1].get("copied") is None, own
        assert own[1][0] == "error" or not own[1][1]["created"], own
        reply = await visitor.browser.ask("GET", f"/jmap/download/{visitor.account}/{blobs[number]}/x")
        assert reply.status == 404
    for box in closed[:1]:
        one, other = await visitor.calls(
            ["Email/query", {"filter": {"inMailbox": box}}], ["Email/query", {"filter": {"inMailbox": "m999"}}]
        )
        assert one[1]["ids"] == other[1]["ids"] == [], (one, other)


@pytest.mark.parametrize("seed", range(12))
async def test_no_history_tells_more_than_was_granted(tmp_path, seed):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house:
        for login in ("kim@a.example", "choi@a.example"):
            await house.person(login)
        rng = random.Random(seed)
        world = World(house, rng)
        await world.open()
        visitor = Visitor(await house.browser("choi@a.example"), f"a{world.kim.id}")
        blobs: dict[int, str] = {}
        done: list[str] = []
        for _ in range(STEPS):
            done.append(await world.step())
            rows = await house.services.reading.rows(world.actor, world.kim.id, list(world.words))
            blobs.update({number: row.blob_id.hex() for number, row in rows.items()})
            await judge(world, visitor, blobs)
            await visitor.sync()
            await visitor.list_again()
            await judge_mirror(world, visitor)
        assert done


async def judge_mirror(world: World, visitor: Visitor) -> None:
    """A client that only applied changes has what one has that asks for everything."""
    fresh = Visitor(visitor.browser, visitor.account)
    await fresh.sync()
    await fresh.list_again()
    assert (visitor.mirror.listed or ("", []))[1] == (fresh.mirror.listed or ("", []))[1]
    assert visitor.mirror.emails == fresh.mirror.emails
    assert visitor.mirror.mailboxes == fresh.mirror.mailboxes
    assert visitor.mirror.threads == fresh.mirror.threads
    assert visitor.mirror.work == fresh.mirror.work
