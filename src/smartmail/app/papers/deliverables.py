"""Papers that a buyer asks for (BR-44), made of what is in the tree: guides, operations, migrations. In Korean, as HTML."""

import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Final

from smartmail.adapters.sql.dialect import schema_for_sqlite
from smartmail.adapters.sql.migrate import scripts
from smartmail.app.installation import ROOT
from smartmail.edge.httpd.admin.operation import ROOT as API_ROOT
from smartmail.edge.httpd.admin.table import OPERATIONS
from smartmail.formats.papers.markdown import html_of

_GUIDE: Final = "docs/guide-admin/ko"
_STYLE: Final = """body{font:14px/1.6 'Malgun Gothic','Noto Sans KR',sans-serif;max-width:960px;margin:32px auto;padding:0 16px}
h1{font-size:26px;border-bottom:2px solid}h2{font-size:20px;margin-top:32px}h3{font-size:16px}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #c8ced8;padding:4px 8px;text-align:left;vertical-align:top}
th{background:#eef1f5}img{max-width:100%;border:1px solid #c8ced8}pre{background:#f6f8fa;padding:8px;white-space:pre-wrap;overflow-wrap:anywhere}
@media print{h2{break-before:page}h1+h2{break-before:auto}tr,pre{break-inside:avoid}}"""
_TABLE: Final = re.compile(r"((?:^--[^\n]*\n)*)^create table (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One paper: its file, its title, and the pages it is made of (a path, or a path and the headings wanted of it)."""

    name: str
    title: str
    pages: tuple[str, ...] = ()


PAPERS: Final = (
    Deliverable("install", "설치 절차서", (
        "docs/guide-admin/README.md#설치와 시작", "docs/guide-admin/README.md#마스터 키",
        "docs/guide-admin/README.md#계정과 도메인", f"{_GUIDE}/certificates.md", "docs/sizing.md", "docs/reference/settings.md",
    )),
    Deliverable("operate", "운영 절차서", (
        f"{_GUIDE}/organization.md", f"{_GUIDE}/joiners-leavers.md", f"{_GUIDE}/roles.md", f"{_GUIDE}/policy.md",
        f"{_GUIDE}/queue.md", f"{_GUIDE}/volumes.md", f"{_GUIDE}/records.md", f"{_GUIDE}/reports.md", f"{_GUIDE}/updates.md",
    )),
    Deliverable("backup", "백업·복구 절차서", (f"{_GUIDE}/backup.md", "docs/guide-admin/README.md#마스터 키")),
    Deliverable("incident", "장애 대응 절차서", (
        "docs/guide-admin/README.md#문제가 생겼을 때", f"{_GUIDE}/alarms.md", f"{_GUIDE}/trace.md", f"{_GUIDE}/defence.md",
        "docs/reference/events.md",
    )),
    Deliverable("interface", "인터페이스 정의서", (f"{_GUIDE}/admin-api.md", "docs/reference/jmap.md")),
    Deliverable("tables", "테이블 정의서"),
)  # fmt: skip


def make(folder: Path, root: Path = ROOT) -> list[Path]:
    """Write all papers into a folder; return them. Raises OSError where a page is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for one in PAPERS:
        body = [f"<h1>{escape(one.title)}</h1>"]
        if one.name == "interface":
            body.append(_operations())
        if one.name == "tables":
            body.append(_tables())
        for page in one.pages:
            folder_of = (root / page.partition("#")[0]).parent
            body.append(html_of(_page(root, page), below=1, picture=partial(_inside, folder_of)))
        path = folder / f"{one.name}.html"
        path.write_text(_whole(one.title, "\n".join(body)), "utf-8")
        made.append(path)
    return made


def _whole(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="ko"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _inside(folder: Path, name: str) -> str:
    """The picture itself: a paper is one file, wherever it is sent. Raises OSError."""
    return f"data:image/png;base64,{b64encode((folder / name).read_bytes()).decode('ascii')}"


def _page(root: Path, page: str) -> str:
    """Return a page, or one section of it. Raises OSError, ValueError."""
    name, _, heading = page.partition("#")
    text = (root / name).read_text("utf-8")
    if not heading:
        return text
    found = re.search(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise ValueError(f"{name} has no section {heading!r}")
    return found[0].removeprefix("#")


def _operations() -> str:
    rows = "".join(
        f"<tr><td>{one.method}</td><td><code>{API_ROOT}{escape(one.path)}</code></td><td>{escape(one.summary)}</td>"
        f"<td>{one.permission or '-'}</td></tr>"
        for one in sorted(OPERATIONS, key=lambda one: (one.path, one.method))
    )
    return (
        "<h2>관리 API</h2><p>요청과 응답의 형은 <code>docs/reference/admin-api.json</code>(OpenAPI)에 있습니다.</p>"
        f"<table><tr><th>방법</th><th>경로</th><th>설명</th><th>권한</th></tr>{rows}</table>"
    )


def _tables() -> str:
    """Return every table of the store as the migrations leave it."""
    database = sqlite3.connect(":memory:")
    told: dict[str, str] = {}
    try:
        for script in scripts():
            for comment, name in _TABLE.findall(script):
                told[name] = " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
            for statement in schema_for_sqlite(script):
                database.execute(statement)
        return "\n".join(_table(database, name, told.get(name, "")) for name in _names(database))
    finally:
        database.close()


def _names(database: sqlite3.Connection) -> Iterator[str]:
    for row in database.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by 1"
    ):
        yield row[0]


def _table(database: sqlite3.Connection, name: str, comment: str) -> str:
    rows = "".join(
        f"<tr><td>{column}</td><td>{kind}</td><td>{'아니오' if needed or key else '예'}</td><td>{key or ''}</td>"
        f"<td>{escape(str(default)) if default is not None else ''}</td></tr>"
        for _, column, kind, needed, default, key in database.execute(f"pragma table_info({name})")
    )
    about = f"<p>{escape(comment)}</p>" if comment else ""
    return (
        f"<h2>{name}</h2>{about}<table><tr><th>열</th><th>형</th><th>비울 수 있음</th><th>기본 키 순서</th><th>기본값</th></tr>"
        f"{rows}</table>"
    )
