"""Search equals brute force: whatever is added, destroyed, merged and rebuilt, a query finds exactly the messages whose
NFKC, case-folded text holds it, and the disk shows no word of it.
"""

import random
import unicodedata
from pathlib import Path

import pytest
from tests.contract.store_backends import fresh_postgres
from tests.flows.house import compose_house

from smartmail.domain.principal import Actor, Origin
from smartmail.formats.search.document import Field
from smartmail.service.mailbox.search import indexing

WORDS = (
    "회의 회의록 자료 보안 견적서 첨부파일 검토 결과 회의자료 정기회의 오늘회의록을 안녕하세요 국제전화 東京 会議 會議 会议 資料 资料 検討 お願いします "
    "カタカナ ｶﾀｶﾅ ＡＢＣ１２３ invoice Invoicing meeting MEETINGS e-mail foo_bar straße ﬁle Ⅳ ㈜스마트 학교 学校 學校 图书馆 圖書館 日本語 "
    "テスト 중국어中文 한글abc123 数据 數據 ㅋㅋㅋ ガ が ½ café cafe\u0301 ÅNGSTRÖM 12345 2026-11-25 a@b.example"
).split()


def fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def sentence(chance: random.Random, words: int) -> str:
    return "".join(chance.choice(WORDS) + chance.choice([" ", " ", "", "", ", ", "\r\n", "."]) for _ in range(words))


def mail(subject: str, sender: str, body: str, name: str | None) -> bytes:
    from base64 import b64encode

    def word(text: str) -> str:
        return "=?utf-8?B?" + b64encode(text.encode()).decode() + "?="

    head = f"From: {word(sender)} <{sender.encode().hex()[:8]}@a.example>\r\nSubject: {word(subject)}\r\nMIME-Version: 1.0\r\n"
    text = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{b64encode(body.encode()).decode()}\r\n"
    if name is None:
        return (head + text).encode()
    file = f'Content-Type: application/octet-stream; name="{word(name)}"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n'
    return (head + f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{text}--b\r\n{file}--b--\r\n").encode()


class Oracle:
    """The mail as this test made it, by message id."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.mail: dict[int, dict[Field, list[str]]] = {}

    def make(self) -> tuple[bytes, dict[Field, list[str]]]:
        chance = self.chance
        subject = sentence(chance, 3).replace("\r\n", " ").strip()
        sender = chance.choice(WORDS) + chance.choice(WORDS)
        body = sentence(chance, chance.randint(1, 30))
        name = chance.choice(WORDS) + ".bin" if chance.random() < 0.2 else None
        fields = {
            Field.SUBJECT: [subject],
            Field.FROM: [f"{sender} {sender.encode().hex()[:8]}@a.example"],
            Field.BODY: [body] + ([name] if name else []),
            Field.FILE: [name] if name else [],
        }
        fields[Field.COMMON] = fields[Field.SUBJECT] + fields[Field.FROM] + fields[Field.BODY]
        return mail(subject, sender, body, name), {one: [fold(text) for text in texts] for one, texts in fields.items()}

    def query(self) -> str:
        """A piece of one to six characters of some text, folded or as it was written, or something that is nowhere."""
        chance = self.chance
        if chance.random() < 0.08:
            return chance.choice(["없는말", "zqx", "窓", "회록", "x", "록료"])
        text = chance.choice(WORDS) + chance.choice(["", " "]) + chance.choice(WORDS)
        if chance.random() < 0.5 and self.mail:
            text = chance.choice(list(self.mail.values()))[Field.COMMON][0]
        start = chance.randrange(max(1, len(text)))
        return text[start : start + chance.randint(1, 6)]

    def expected(self, field: Field, query: str) -> set[int]:
        needle = fold(query)
        return {one for one, fields in self.mail.items() if any(needle in text for text in fields[field])}


async def check(oracle: Oracle, services, actor, count: int) -> None:
    fields = [Field.COMMON, Field.COMMON, Field.BODY, Field.SUBJECT, Field.FROM, Field.FILE]
    asked = [(oracle.chance.choice(fields), oracle.query()) for _ in range(count)]
    asked = [(field, text) for field, text in asked if fold(text)]
    found = await services.queries.matching(actor, actor.account_id, asked)
    for (field, text), ids in zip(asked, found, strict=True):
        expected = oracle.expected(field, text)
        got = {one for one in oracle.mail if one in ids}
        assert got == expected, (field, text, sorted(expected - got)[:5], sorted(got - expected)[:5])


def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few hundred messages go through every merge."""
    for name, size in (("SMALL", 12), ("MIDDLE", 40), ("LARGE", 120), ("PAGE", 9)):
        monkeypatch.setattr(indexing, name, size)


@pytest.mark.parametrize(
    ("driver", "seed"), [("sqlite", 1), ("sqlite", 2), pytest.param("postgres", 3, marks=pytest.mark.postgres)]
)
async def test_found_is_what_brute_force_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str, seed: int):
    small_segments(monkeypatch)
    chance = random.Random(seed)
    oracle = Oracle(chance)
    directory = tmp_path / "data"
    directory.mkdir()
    postgres = await fresh_postgres() if driver == "postgres" else None
    async with compose_house(directory, postgres=postgres) as house:
        services = house.services
        organization_id = await services.provisioning.organization("test")
        await services.directory.add_domain("a.example", organization_id)
        account = await house.person("u@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        inbox = (await services.mailboxes.by_role(actor, account.id, "inbox")).row.id

        async def add(count: int) -> None:
            for _ in range(count):
                octets, texts = oracle.make()
                intake = await services.messages.begin(actor, account.id)
                await intake.feed(octets)
                added = await services.messages.add(actor, account.id, await intake.finish(), [inbox])
                oracle.mail[added.message_id] = texts

        async def destroy(count: int) -> None:
            gone = chance.sample(sorted(oracle.mail), min(count, len(oracle.mail)))
            await services.messages.destroy(actor, account.id, gone)
            for one in gone:
                del oracle.mail[one]

        await add(30)
        await check(oracle, services, actor, 20)
        for _ in range(8):
            await add(chance.randint(5, 45))
            await services.search.indexing.catch_up(account.id)
            await check(oracle, services, actor, 15)
            await destroy(chance.randint(0, 25))
            await check(oracle, services, actor, 10)
        await services.search.indexing.catch_up(account.id)
        assert (await services.search.status(account.id)).segments > 1
        await check(oracle, services, actor, 150)
        await services.search.indexing.rebuild(account.id)
        await check(oracle, services, actor, 20)
        await services.search.indexing.catch_up(account.id)
        await check(oracle, services, actor, 150)
        status = await services.search.status(account.id)
        assert status.pending == 0
        assert await services.search.pending(account.id) == 0


SECRETS = ("재무보고서초안", "비밀유지계약", "四半期決算資料", "保密协议草案", "Umsatzprognose")


def readable(folder: Path, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (file, word) wherever a word or a pair of its characters stands in clear below a folder."""
    found = []
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        octets = file.read_bytes()
        for word in words:
            forms = [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), word.lower().encode()]
            if any(form in octets for form in forms):
                found.append((file.name, word))
            # Six octets that stand there by chance would be news; four might.
            if not word.isascii():
                found += [
                    (file.name, word[at : at + 2])
                    for at in range(len(word) - 1)
                    if word[at : at + 2].encode() in octets
                ]
                found += [
                    (file.name, word[at : at + 3])
                    for at in range(len(word) - 2)
                    if word[at : at + 3].encode("utf-16-le") in octets
                    or word[at : at + 3].encode("utf-16-be") in octets
                ]
    return found


async def test_the_disk_shows_no_word_and_no_pair_of_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small_segments(monkeypatch)
    directory = tmp_path / "data"
    directory.mkdir()
    async with compose_house(directory) as house:
        services = house.services
        organization_id = await services.provisioning.organization("test")
        await services.directory.add_domain("a.example", organization_id)
        account = await house.person("u@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        inbox = (await services.mailboxes.by_role(actor, account.id, "inbox")).row.id
        for number in range(60):
            word = SECRETS[number % len(SECRETS)]
            octets = mail(f"{word} {number}", word, f"본문 {word} 끝", f"{word}.hwp")
            intake = await services.messages.begin(actor, account.id)
            await intake.feed(octets)
            await services.messages.add(actor, account.id, await intake.finish(), [inbox])
        await services.search.indexing.catch_up(account.id)
        assert (await services.search.status(account.id)).segments > 0
        for found in await services.queries.matching(actor, account.id, [(Field.BODY, word[1:4]) for word in SECRETS]):
            assert len([one for one in range(200) if one in found]) == 12
        assert readable(tmp_path, SECRETS) == []
    assert readable(tmp_path, SECRETS) == [], "nor once all is closed and written"
    (tmp_path / "leak").write_bytes(b"\x00" * 5 + "보고서".encode("utf-16-le"))
    assert readable(tmp_path, SECRETS), "this test would see it"
