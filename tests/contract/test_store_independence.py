"""Contract of the store: hands and losses as the audit says them (ports/store_independence.py), on both drivers."""

import re
from importlib import resources

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.independence import HANDS, LOSSES


async def write(bench: Bench, at: int, actor: str, action: str, thing: str) -> None:
    await bench.store.audit(AuditRecord(START + at, actor, action, thing))


async def test_hands_and_losses_are_found_by_what_they_were_on(bench: Bench):
    store = bench.store
    for at, actor, action, thing in (
        (1, "account:7", "account.create", "account:70"), (2, "account:8", "account.password", "account:70"),
        (3, "cli", "factor.reset", "account:70"), (4, "account:9", "account.password", "account:7"),
        (5, "account:9", "account.quota", "account:70"), (6, "account:9", "role.change", "role:70"),
        (7, "account:8", "account.close", "account:70"), (8, "account:8", "role.dismiss", "account:71 appointment:3"),
    ):  # fmt: skip
        await write(bench, at, actor, action, thing)
    found = await store.deeds_on("account:70", START)
    assert [(one.at - START, one.actor, one.action) for one in found] == [
        (7, 8, "account.close"), (3, 0, "factor.reset"), (2, 8, "account.password"), (1, 7, "account.create")
    ]  # fmt: skip
    assert [one.at - START for one in await store.deeds_on("account:70", START + 3)] == [7, 3]
    assert [(one.actor, one.action) for one in await store.deeds_on("role:70", START)] == [(9, "role.change")]
    assert list(await store.deeds_on("account:700", START)) == []
    assert [(one.actor, one.thing) for one in await store.losses(START + 2)] == [
        (8, "account:71 appointment:3"), (8, "account:70")
    ]  # fmt: skip
    assert list(await store.losses(START + 9)) == []


def test_the_indexes_name_what_is_asked_for():
    """A partial index is used only where its own condition is asked."""
    script = (resources.files("smartmail.adapters.sql") / "migrations" / "0038_proof.sql").read_text("utf-8")
    hand, loss = (
        re.findall(r"'([a-z._-]+)'", part) for part in re.findall(r"^create index audit_[^;]*;", script, re.MULTILINE)
    )
    assert hand == [*HANDS, *LOSSES]
    assert loss == [*LOSSES]
