"""Hands and losses in the audit (ports.store_independence.IndependenceStore).

The conditions are written as the partial indexes of the migration have them, so that these are used.
"""

from collections.abc import Iterable

from smartmail.adapters.sql.declared import every
from smartmail.adapters.sql.session import OnDatabase, Row
from smartmail.domain.ids import AccountId
from smartmail.domain.independence import HANDS, LOSSES, Deed
from smartmail.ports.store_independence import IndependenceStore


def _any(actions: Iterable[str]) -> str:
    return ", ".join(f"'{one}'" for one in actions)


_DEED = "at, actor, action, object"
_ON = f"""select {_DEED} from audit where object = $1 and at >= $2 and action in ({_any([*HANDS, *LOSSES])})
    order by at desc, id desc"""
_LOSSES = f"select {_DEED} from audit where at >= $1 and action in ({_any(LOSSES)}) order by at desc, id desc"
_ACCOUNT = "account:"


def _deed(row: Row) -> Deed:
    number = row[1].removeprefix(_ACCOUNT) if row[1].startswith(_ACCOUNT) else ""
    return Deed(row[0], AccountId(int(number) if number.isdecimal() else 0), row[2], row[3])


class SqlIndependence(OnDatabase):
    """ports.store_independence.IndependenceStore."""

    deeds_on = every(IndependenceStore.deeds_on, _deed, _ON)
    losses = every(IndependenceStore.losses, _deed, _LOSSES)
