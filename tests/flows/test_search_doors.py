"""The same question at every door: IMAP SEARCH, ESEARCH and ESEARCH IN, JMAP Email/query, the web's line, the service.

All must name the same messages, whatever the index has done with them by then.
"""

import contextlib
import random
import re
from pathlib import Path

import pytest
from tests.flows import house as flows
from tests.flows.imap_client import Client
from tests.jmap_server import jmap_house
from tests.property.test_search_oracle import WORDS, Oracle, fold, sentence

from smartmail.adapters.clock import SystemClock
from smartmail.formats.search.document import Field
from smartmail.proto.jmap.session import CORE, MAIL, OWN

IMAP_KEYS = {Field.SUBJECT: "SUBJECT", Field.FROM: "FROM", Field.BODY: "BODY", Field.COMMON: "TEXT"}
JMAP_KEYS = {Field.SUBJECT: "subject", Field.FROM: "from", Field.BODY: "body", Field.COMMON: "text"}
OPERATORS = {Field.SUBJECT: "제목:", Field.FROM: "from:", Field.BODY: "body:", Field.COMMON: ""}


class Doors:
    """One account at all doors."""

    def __init__(self, house, account, browser, client) -> None:
        self.house, self.account, self.browser, self.client = house, account, browser, client
        self.actor = house.actor(account)

    async def jmap(self, filter) -> set[int]:
        request = {
            "using": [CORE, MAIL, OWN],
            "methodCalls": [["Email/query", {"accountId": self.browser.account, "filter": filter, "limit": 5000}, "0"]],
        }
        reply = await self.browser.ask("POST", "/jmap/api/", request)
        name, answer, _ = reply.json["methodResponses"][0]
        assert name == "Email/query", answer
        assert answer["notIndexed"] == 0
        return {int(one[1:]) for one in answer["ids"]}

    async def uids(self) -> dict[int, int]:
        """UID → message."""
        answer = await self.client.cmd("UID FETCH 1:* (EMAILID)")
        pairs = [
            re.search(rb"UID (\d+)", line) and re.findall(rb"(?:UID |EMAILID \(M)(\d+)", line) for line in answer.lines
        ]
        return {int(uid): int(number) for uid, number in (pair for pair in pairs if pair and len(pair) == 2)}

    async def imap(self, field: Field, text: str) -> list[set[int]]:
        """By SEARCH, by ESEARCH, and by ESEARCH IN over the subtree."""
        known, key, needle = await self.uids(), IMAP_KEYS[field], text.encode()
        plain = await self.client.cmd(f"UID SEARCH CHARSET UTF-8 {key} {{}}", needle)
        extended = await self.client.cmd(f"UID SEARCH RETURN (ALL) CHARSET UTF-8 {key} {{}}", needle)
        several = await self.client.cmd(f'ESEARCH IN (subtree "INBOX") RETURN (ALL) CHARSET UTF-8 {key} {{}}', needle)
        assert plain and extended and several, (plain, extended, several)
        first = {int(one) for line in plain.starting(b"SEARCH") for one in re.findall(rb"\d+", line)}
        return [{known[uid] for uid in uids} for uids in (first, _set(extended), _set(several))]


def _set(answer) -> set[int]:
    found: set[int] = set()
    for line in answer.starting(b"ESEARCH"):
        match = re.search(rb" ALL ([\d:,]+)", line)
        for part in match[1].decode().split(",") if match else ():
            low, _, high = part.partition(":")
            found.update(range(int(low), int(high or low) + 1))
    return found


@pytest.fixture
async def doors(tmp_path: Path):
    (tmp_path / "data").mkdir()
    async with contextlib.AsyncExitStack() as stack:
        house = await stack.enter_async_context(jmap_house.open_house(tmp_path / "data"))
        account = await house.person("kim@a.example", flows.PASSWORD)
        served = flows.House(house.services, house.store, SystemClock())
        await stack.enter_async_context(flows.serve(served))
        client = await Client.open(served.ports["imap"], "kim@a.example", flows.PASSWORD)
        assert await client.cmd("SELECT INBOX")
        yield Doors(house, account, await house.browser("kim@a.example"), client)
        client.writer.close()


async def test_all_doors_find_the_same_messages(doors: Doors):
    chance = random.Random(11)
    oracle = Oracle(chance)
    headers: dict[int, str] = {}

    async def add(count: int) -> None:
        for _ in range(count):
            octets, texts = oracle.make()
            message = await doors.house.deliver(doors.account, octets)
            oracle.mail[message] = texts
            headers[message] = octets.partition(b"\r\n\r\n")[0].decode().lower()

    async def ask_all(count: int) -> None:
        await doors.client.cmd("NOOP")
        for _ in range(count):
            field, text = chance.choice(list(IMAP_KEYS)), oracle.query().strip()
            if not fold(text) or re.search(r'[\s"()\r\n]', text):
                continue
            expected = oracle.expected(field, text)
            told = await doors.imap(field, text)
            if field is Field.COMMON:
                # RFC 3501 §6.4.4: TEXT looks into the whole header.
                more = {one for one in told[0] - expected if text.lower() in headers[one]}
                told = [one - more for one in told]
            assert [expected] * 3 == told, (field, text)
            assert await doors.jmap({JMAP_KEYS[field]: text}) == expected, (field, text)
            assert await doors.jmap({"line": f'{OPERATORS[field]}"{text}"'}) == expected, (field, text)

    await add(40)
    await ask_all(15)
    await doors.house.services.search.indexing.catch_up(doors.account.id)
    await ask_all(25)
    await add(20)
    await ask_all(15)


async def test_imap_text_adds_other_header_fields_and_nothing_else(doors: Doors):
    plain = await doors.house.deliver(doors.account, jmap_house.mail("word", "other words", X_Mailer="Postbote 9"))
    await doors.house.deliver(doors.account, jmap_house.mail("word", "nothing", Organization="여름상사"))
    await doors.client.cmd("NOOP")
    for needle, count in (("Postbote", 1), ("여름상사", 1)):
        for found in await doors.imap(Field.COMMON, needle):
            assert len(found) == count
        assert await doors.jmap({"text": needle}) == set()
    assert await doors.jmap({"header": ["X-Mailer", "postbote"]}) == {plain}
    known = await doors.uids()
    answer = await doors.client.cmd("UID SEARCH CHARSET UTF-8 HEADER X-Mailer {}", b"postbote")
    assert {known[int(one)] for one in re.findall(rb"\d+", answer.starting(b"SEARCH")[0])} == {plain}


async def test_a_phrase_is_a_phrase_at_every_door(doors: Doors):
    one = await doors.house.deliver(
        doors.account, jmap_house.mail("a", "분기 회의 자료", Content_Type="text/plain; charset=utf-8")
    )
    await doors.house.deliver(
        doors.account, jmap_house.mail("b", "자료 회의", Content_Type="text/plain; charset=utf-8")
    )
    await doors.client.cmd("NOOP")
    assert await doors.imap(Field.BODY, "회의 자료") == [{one}] * 3
    assert await doors.jmap({"body": '"회의 자료"'}) == {one}
    assert await doors.jmap({"line": '본문:"회의 자료"'}) == {one}


def test_the_words_of_this_test_are_of_four_scripts():
    text = sentence(random.Random(1), 400)
    assert all(any(low <= char <= high for char in text) for low, high in ("가힣", "ぁヿ", "一鿿", "az"))
    assert len(WORDS) > 50


async def test_a_keyword_is_shown_as_each_door_spells_it(doors: Doors):
    """RFC 9051 §2.3.2: compared without case, shown by IMAP as first given; RFC 8621 §4.1.1: lower case in JMAP."""
    octets = jmap_house.mail("one", "two")
    await doors.client.cmd("APPEND INBOX (ToDo) {}", octets)
    await doors.house.deliver(doors.account, octets, names=("TODO", "Later"))
    await doors.client.cmd("NOOP")
    answer = await doors.client.cmd("FETCH 1:2 FLAGS")
    assert [set(answer.fetches()[one]["FLAGS"]) - {"\\Recent"} for one in (1, 2)] == [{"ToDo"}, {"ToDo", "Later"}]
    assert len(await doors.jmap({"hasKeyword": "todo"})) == len(await doors.jmap({"hasKeyword": "ToDo"})) == 2
    [mail] = (await doors.browser.call("Email/get", ids=[f"e{max(await doors.jmap({}))}"], properties=["keywords"]))[
        "list"
    ]
    assert mail["keywords"] == {"todo": True, "later": True}
