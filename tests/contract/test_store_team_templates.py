"""Contract of the store: templates that departments and groups share, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import OverQuota
from smartmail.domain.policy import Scope
from smartmail.domain.team_templates import TeamTemplate

RECORD = AuditRecord(1, "system", "team-template.test", "team-template:1")
TEAM, GROUP = Scope("department", "1:sales"), Scope("group", "3")


async def test_templates_are_found_by_their_place(bench: Bench):
    store, home = bench.store, bench.account.organization_id
    one = TeamTemplate(1 << 61, home, TEAM, bench.account.id, b"sealed", 10)
    two = replace(one, id=5, place=GROUP)
    for row in (one, two, replace(one, id=6, organization_id=home + 1)):
        await store.put_team_template(row, 10, RECORD)
    assert await store.team_templates(home, [TEAM, GROUP, Scope("domain", "a")]) == [two, one]
    assert await store.team_templates(home, [TEAM]) == [one]
    assert await store.team_templates(home, []) == []
    changed = replace(one, sealed=b"anew", changed_at=20)
    await store.put_team_template(changed, 1, RECORD)
    assert await store.team_template(one.id) == changed
    assert await store.team_template(99) is None


async def test_a_place_holds_so_many_and_what_is_gone_is_gone(bench: Bench):
    store, home = bench.store, bench.account.organization_id
    one = TeamTemplate(1, home, TEAM, bench.account.id, b"sealed", 10)
    await store.put_team_template(one, 1, RECORD)
    with pytest.raises(OverQuota):
        await store.put_team_template(replace(one, id=2), 1, RECORD)
    await store.put_team_template(replace(one, id=2, place=GROUP), 1, RECORD)
    assert await store.drop_team_template(1, RECORD)
    assert not await store.drop_team_template(1, RECORD)
    await store.put_team_template(replace(one, id=3), 1, RECORD)
