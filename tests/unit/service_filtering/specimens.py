"""Messages as inspectors get them, made from octets; and the few services that checks ask, kept in memory."""

from dataclasses import dataclass, field

from smartmail.domain.account import Account, DomainRow
from smartmail.domain.correspondents import Contact, Correspondent
from smartmail.formats import summary as summaries
from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import scan
from smartmail.ports.dns import DnsFailure
from smartmail.service.kernel.inspection.specimen import Source, Specimen
from smartmail.service.protection.filtering.acquaintances import Standing

NOW = 1_790_000_000_000
DATE = "Mon, 21 Sep 2026 14:13:20 +0000"


def account(login: str = "kim@innotab.com", name: str = "김민수", number: int = 1) -> Account:
    return Account(number, 1, "person", "active", login, name, "ko", False, b"", 0, 0, None, 0, 0, 0)


def letter(
    body: str = "안녕하세요. 회의 자료를 보내 드립니다. 확인 부탁드립니다.",
    *,
    sender: str = "Lee <lee@partner.example>",
    subject: str = "회의 자료",
    extra: str = "",
    kind: str = "text/plain; charset=utf-8",
    drop: tuple[str, ...] = (),
) -> bytes:
    fields = {
        "From": sender, "To": "kim@innotab.com", "Subject": subject, "Date": DATE, "Message-ID": "<1@partner.example>",
        "MIME-Version": "1.0", "Content-Type": kind, "Content-Transfer-Encoding": "8bit",
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if name not in drop)
    return f"{head}{extra}\r\n{body}\r\n".encode()


def attached(
    name: str, octets: bytes, media_type: str = "application/octet-stream", body: str = "첨부를 봐 주세요"
) -> bytes:
    import base64

    coded = base64.encodebytes(octets).decode().replace("\n", "\r\n")
    inner = (
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n--b\r\nContent-Type: {media_type}\r\n"
        f"Content-Disposition: attachment; filename*=utf-8''{_percent(name)}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{coded}--b--"
    )
    return letter(inner, kind="multipart/mixed; boundary=b")


def _percent(name: str) -> str:
    from urllib.parse import quote

    return quote(name)


def specimen(
    octets: bytes,
    *,
    address: str = "192.0.43.8",
    helo: str = "mail.partner.example",
    accounts: tuple[Account | None, ...] | None = None,
    held: int | None = None,
    sender: str = "lee@partner.example",
) -> Specimen:
    entity = scan(octets)

    async def read(start: int, length: int) -> bytes:
        return octets[start : start + length]

    people = (account(),) if accounts is None else accounts
    return Specimen(
        Source(address, helo=helo, by="mx.innotab.com"), sender, ["kim@innotab.com"] * len(people), people,
        Header(octets[: entity.body_start]), entity, summaries.build(entity), octets[:held], len(octets), read, NOW,
    )  # fmt: skip


@dataclass
class Dns:
    """A name service of a few entries; `down` answers nothing."""

    hosts: dict[str, list[str]] = field(default_factory=dict)
    pointers: dict[str, list[str]] = field(default_factory=dict)
    down: bool = False
    asked: list[str] = field(default_factory=list)

    async def addresses(self, host: str) -> list[str]:
        self.asked.append(host)
        if self.down:
            raise DnsFailure(host)
        return self.hosts.get(host, [])

    async def names(self, address: str) -> list[str]:
        if self.down:
            raise DnsFailure(address)
        return self.pointers.get(address, [])


@dataclass
class Memory:
    """What the store keeps for filters."""

    settings: dict[tuple[str, str], str] = field(default_factory=dict)
    people: list[Account] = field(default_factory=list)
    names: tuple[str, ...] = ("innotab.com",)
    audits: list[object] = field(default_factory=list)
    noted: list[Contact] = field(default_factory=list)

    async def setting(self, scope: str, name: str) -> str | None:
        return self.settings.get((scope, name))

    async def put_setting(self, scope: str, name: str, value: str, *, audit: object = None) -> None:
        self.settings[scope, name] = value
        self.audits.append(audit)

    async def accounts(self, organization_id: int) -> list[Account]:
        return self.people

    async def domains(self) -> list[DomainRow]:
        return [DomainRow(name, 1) for name in self.names]


class Clock:
    def __init__(self, now: int = NOW) -> None:
        self.time = now

    def now(self) -> int:
        return self.time


@dataclass
class Friends:
    """Acquaintances by address."""

    standings: dict[str, Standing] = field(default_factory=dict)
    conversations: set[str] = field(default_factory=set)

    async def standing(self, of: Account, sender: str) -> Standing:
        return self.standings.get(sender, Standing())

    async def intrudes(self, of: Account, ids: list[str], sender: str) -> bool:
        return bool(self.conversations & set(ids))


def line(*, since_days: float = 30, sent: int = 0, received: int = 5, proved: bool = False) -> Correspondent:
    first = NOW - int(since_days * 86_400_000)
    return Correspondent(b"k", first, NOW, received, sent, NOW if proved else 0)
