"""Attachments that hang, eat, crash or lie cost their own text and nothing else: every mail is indexed and found."""

import os
import sys
from email.message import EmailMessage

import pytest
from tests.contract.test_extraction import MISBEHAVING
from tests.flows.house import compose_house
from tests.unit.formats_extract import documents as made

from smartmail.adapters.extraction.children import ChildLimits, ParsingChildren
from smartmail.app.children import parsing_child
from smartmail.domain.errors import Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.search.document import Field

POISON = ("spin", "sleep", "eat", "die", "fail", "nonsense", "flood")


class Place:
    """One account whose mail is indexed with the given children."""

    def __init__(self, house, account, actor, inbox, monkeypatch) -> None:
        self.services, self.account, self.actor, self.inbox = house.services, account, actor, inbox
        self._patch = monkeypatch
        self._pools = []

    def children(self, command, **limits):
        pool = ParsingChildren(command, parsing_child.environment(), ChildLimits(**limits))
        self._pools.append(pool)
        self._patch.setattr(self.services.search.indexing._reader, "_extractor", pool)
        return pool

    async def add(self, subject: str, name: str, octets: bytes) -> int:
        message = EmailMessage()
        message["From"], message["Subject"] = "a@b.example", subject
        message.set_content(f"body of {subject}\n")
        message.add_attachment(octets, maintype="application", subtype="octet-stream", filename=name)
        intake = await self.services.messages.begin(self.actor, self.account.id)
        await intake.feed(message.as_bytes().replace(b"\n", b"\r\n"))
        added = await self.services.messages.add(self.actor, self.account.id, await intake.finish(), [self.inbox])
        return added.message_id

    async def find(self, *texts: str) -> list[set[int]]:
        asked = [(Field.BODY, text) for text in texts]
        found = await self.services.queries.matching(self.actor, self.account.id, asked)
        return [{number for number in range(1, 100) if number in ids} for ids in found]

    async def close(self) -> None:
        for pool in self._pools:
            await pool.close()


@pytest.fixture
async def place(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data") as house:
        organization_id = await house.services.provisioning.organization("test")
        await house.services.directory.add_domain("a.example", organization_id)
        account = await house.person("u@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        inbox = (await house.services.mailboxes.by_role(actor, account.id, "inbox")).row.id
        opened = Place(house, account, actor, inbox, monkeypatch)
        yield opened
        await opened.close()


async def test_whatever_a_child_does_all_mail_is_indexed(place: Place):
    place.children((sys.executable, "-P", "-c", MISBEHAVING, str(os.getpid()), ""), cpu_s=0.2, wall_s=1.0)
    poisoned = {name: await place.add(f"marker{name}", name, name.encode()) for name in POISON}
    good = await place.add("marker good", "well", b"well")
    await place.services.search.indexing.catch_up(place.account.id)
    status = await place.services.search.status(place.account.id)
    assert (status.messages, status.pending) == (len(POISON) + 1, 0)
    for name, found in zip(POISON, await place.find(*(f"body of marker{name}" for name in POISON)), strict=True):
        assert found == {poisoned[name]}
    assert await place.find("well by") == [{good}]


async def test_hostile_files_between_good_ones(place: Place):
    place.children(parsing_child.command(), cpu_s=5.0)
    bomb = made.zipped({"a.txt": b"0" * (64 << 20)})
    nested = b"x"
    for _ in range(60):
        nested = made.zipped({"a.zip": nested}, compress=False)
    hostile = {
        "bomb.zip": bomb,
        "nested.zip": nested,
        "cut.pdf": made.pdf(b"KSCms-UHC-H", "글".encode("cp949"))[:300],
        "locked.hwp": made.hwp(b"", flags=3),
        "rtf.rtf": b"{\\rtf1 " + b"{" * 500_000,
        "ring.hwp": made.compound({"FileHeader": b"HWP Document File".ljust(5_000, b"\0")})[:2_000],
        "picture.docx": b"\x89PNG\r\n\x1a\n" + bytes(1_000),
    }
    numbers = [await place.add(f"hostile{n}", name, octets) for n, (name, octets) in enumerate(hostile.items())]
    first = await place.add("good", "회의.hwp", made.hwp(made.hwp_section("예산안 똠방각하")))
    second = await place.add("good", "a.zip", made.zipped({"안/계획.docx": made.docx("연차 계획")}))
    await place.services.search.indexing.catch_up(place.account.id)
    assert (await place.services.search.status(place.account.id)).pending == 0
    assert await place.find("똠방각하", "연차 계획", "안/계획") == [{first}, {second}, {second}]
    assert await place.find(*(f"body of hostile{n}" for n in range(len(numbers)))) == [{one} for one in numbers]


async def test_mail_waits_when_no_child_can_be_started_and_comes_later(place: Place):
    place.children(("/nonexistent/python",))
    number = await place.add("marker", "a.hwp", made.hwp(made.hwp_section("예산안")))
    with pytest.raises(Unavailable):
        await place.services.search.indexing.catch_up(place.account.id)
    assert await place.find("body of marker", "예산안") == [{number}, set()]  # read without the index
    place.children(parsing_child.command())
    await place.services.search.indexing.catch_up(place.account.id)
    assert await place.find("예산안") == [{number}]
