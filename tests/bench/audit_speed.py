"""How fast records are found among very many, by each fact and by several.

    python tests/bench/audit_speed.py sqlite|postgres [millions of records]

Links of two years with facts like a company's, put straight into the table; then each filter is asked for through the
store as administrators ask. Each figure is the median and the worst of its probes, in milliseconds.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2] / "src"), str(Path(__file__).parents[2])]

from tests.contract.store_backends import new_database, open_store  # noqa: E402

from smartmail.adapters.sql import SqlStore  # noqa: E402
from smartmail.domain.audit import AuditQuery  # noqa: E402
from smartmail.domain.ids import AccountId, OrganizationId  # noqa: E402

START = 1_700_000_000_000
SPAN = 730 * 24 * 3600 * 1000
CHUNK = 20_000
PEOPLE = 5_000
ACTIONS = ("login.ok",) * 70 + ("login.failed",) * 12 + ("submission.create",) * 10 + ("access.read",) * 4 + (
    "access.list", "account.quota", "policy.set", "quarantine.release",
)  # fmt: skip
DOORS = ("imap",) * 6 + ("web",) * 3 + ("smtp", "pop3", "sieve")
COUNTRIES = ("KR",) * 95 + ("US", "JP", "CN", "VN", "")
KINDS = {"login": "login", "access": "access", "submission": "user"}
COLUMNS = (
    "organization_id", "seq", "source", "record_id", "digest", "seal", "at", "kind", "actor", "account_id", "action",
    "door", "address", "country",
)  # fmt: skip
HOME = OrganizationId(1)


def rows(first: int, count: int, total: int, chance: random.Random) -> list[tuple[Any, ...]]:
    """Return links by ascending time."""
    made = []
    for seq in range(first, first + count):
        action = chance.choice(ACTIONS)
        person = chance.randrange(1, PEOPLE)
        kind = KINDS.get(action.partition(".")[0], "admin")
        on = person if kind in {"login", "user"} else chance.randrange(1, PEOPLE)
        address = f"10.{person % 7}.{person // 256}.{person % 256}"
        made.append(
            (HOME, seq, "audit", seq, b"d" * 32, b"s" * 32, START + seq * SPAN // total, kind, f"account:{person}", on,
             action, chance.choice(DOORS), address, chance.choice(COUNTRIES))
        )  # fmt: skip
    return made


QUERIES: dict[str, Any] = {
    "the newest": {}, "actor": {"actor": "account:77"}, "subject": {"account_id": AccountId(77)},
    "action": {"action": "policy.set"}, "actions that begin so": {"action": "login."},
    "address": {"address": "10.0.0.77"}, "country": {"country": "VN"}, "door": {"door": "sieve"},
    "result": {"result": "failed"}, "kind": {"kind": "admin"}, "nobody": {"actor": "account:0"},
    "a month": {"since": START + SPAN // 2, "until": START + SPAN // 2 + SPAN // 24},
    "two common facts": {"country": "KR", "door": "imap"},
    "two that never meet": {"action": "policy.set", "door": "nowhere"},
    "common and rare": {"action": "login.ok", "actor": "account:77"},
    "four facts": {"kind": "login", "country": "CN", "door": "pop3", "result": "failed"},
    "common facts that never meet": {"kind": "user", "result": "ok"},
}  # fmt: skip


async def fill(store: SqlStore, total: int) -> None:
    """Put links into the table, and the organisation's name."""
    chance = random.Random(7)
    marks = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))
    sql = f"insert into audit_link ({', '.join(COLUMNS)}) values ({marks})"
    for first in range(1, total + 1, CHUNK):
        block = rows(first, min(CHUNK, total + 1 - first), total, chance)

        async def work(session: Any, block: list[tuple[Any, ...]] = block) -> None:
            await session.many(sql, block)

        await store._db.change(0, work)  # type: ignore[attr-defined]


async def measure(store: SqlStore, probes: int) -> dict[str, tuple[float, float, int]]:
    """Return (median, worst, found) of each query."""
    figures = {}
    for name, asked in QUERIES.items():
        taken, found = [], 0
        for _ in range(probes):
            began = time.perf_counter()
            found = len(await store.find_links(HOME, AuditQuery(HOME, **asked)))
            taken.append((time.perf_counter() - began) * 1000)
        figures[name] = (statistics.median(taken), max(taken), found)
    return figures


async def main(driver: str, millions: float, probes: int = 5) -> dict[str, tuple[float, float, int]]:
    """Fill a store, ask, print."""
    total = round(millions * 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        address = str(Path(folder) / "mail.db") if driver == "sqlite" else await new_database()
        store = await open_store(driver, address, lambda: START)
        began = time.perf_counter()
        await fill(store, total)
        await store.close()
        filled = time.perf_counter() - began
        store = await open_store(driver, address, lambda: START)
        figures = await measure(store, probes)
        size = os.path.getsize(address) / 1e9 if driver == "sqlite" else 0.0
        await store.close()
    print(f"{driver}: {total:,} records, filled in {filled:.0f} s, {size:.1f} GB")
    for name, (median, worst, found) in figures.items():
        print(f"{name:<30} {median:9.1f} ms {worst:9.1f} ms worst   {found:>4} found")
    return figures


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 10))
