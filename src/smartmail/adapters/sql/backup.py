"""Backups (ports.store_backup.BackupStore): the rows of one moment, and what is noted of runs."""

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from smartmail.adapters.sql.declared import every
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import OBJECT, Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.backup import BackupRun, RunKind, RunState
from smartmail.ports.store_backup import BackupStore, Snapshot

_RUN = Shape(BackupRun, facts=OBJECT)
_BEGIN = """insert into backup_run (kind, state, snapshot, begun_at, facts) values ($1, 'running', $2, $3, '{}')
    returning id"""
_END = "update backup_run set state = $2, ended_at = $3, facts = $4 where id = $1"
_NEWEST = f"select {_RUN} from backup_run order by id desc limit $1"
_NEWEST_OF = f"select {_RUN} from backup_run where kind = $1 order by id desc limit $2"


class SqlBackups(OnDatabase):
    """ports.store_backup.BackupStore."""

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        return self._db.snapshot()

    @in_change
    async def begin_backup_run(
        self, session: Session, kind: RunKind, snapshot: str, at: int, audit: AuditRecord
    ) -> int:
        made = await session.row(_BEGIN, kind, snapshot, at)
        await add_audit(session, audit)
        assert made is not None
        return int(made[0])

    async def end_backup_run(self, run_id: int, state: RunState, at: int, facts: Mapping[str, Any]) -> None:
        text = json.dumps(facts, sort_keys=True)
        await self._db.change(0, lambda session: session.run(_END, run_id, state, at, text))

    backup_runs = every(BackupStore.backup_runs, _RUN, _NEWEST_OF, without=_NEWEST)
