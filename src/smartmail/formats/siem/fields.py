"""The fields of a record that is sent on, each with its type, its key in CEF and its meaning: one list for all formats."""

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple


class Field(NamedTuple):
    """One field. `cef`: its key there (custom strings have labels of their own)."""

    name: str
    type: Literal["string", "integer", "time"]
    cef: str
    en: str
    ko: str


@dataclass(frozen=True, slots=True)
class SiemRecord:
    """A record as it is sent on. `time` as RFC 3339 writes it. The pair of chain and seq names it for ever: whoever gets a
    record twice knows it by that. `outcome` is that of logins.
    """

    installation: str
    chain: int
    seq: int
    digest: str
    time: str
    kind: str
    actor: str
    subject: str
    action: str
    object: str
    outcome: str
    door: str
    address: str
    country: str


FIELDS: Final = (
    Field("installation", "string", "dvchost", "Which installation", "설치(서버) 이름"),
    Field("chain", "integer", "cn1", "Chain: the organization's number, 0 the installation's", "체인: 회사 번호, 0은 설치 전체"),
    Field("seq", "integer", "cn2", "Number in the chain; with `chain` it is unique", "체인 안 순번. chain과 함께 유일"),
    Field("digest", "string", "cs1", "SHA-256 over the record and all before it", "이 기록과 앞선 모든 기록의 SHA-256"),
    Field("time", "time", "rt", "When it happened", "접속·작업 일시"),
    Field("kind", "string", "cat", "login, access, user or admin", "로그인, 열람, 본인 작업, 관리자 작업"),
    Field("actor", "string", "suid", "Who did it", "행위자(계정)"),
    Field("subject", "string", "duid", "Whose data it was on", "정보주체(계정)"),
    Field("action", "string", "act", "What was done", "수행업무"),
    Field("object", "string", "cs2", "What it was done to", "대상"),
    Field("outcome", "string", "outcome", "Result of a login", "로그인 결과"),
    Field("door", "string", "app", "Through which door", "접속 경로"),
    Field("address", "string", "src", "Network address", "접속지 IP"),
    Field("country", "string", "cs3", "Country of the address", "접속 국가"),
)  # fmt: skip


def dictionary() -> list[dict[str, Any]]:
    """Return the dictionary as data."""
    return [
        {"name": one.name, "type": one.type, "cef": one.cef, "meaning": {"en": one.en, "ko": one.ko}} for one in FIELDS
    ]  # fmt: skip
