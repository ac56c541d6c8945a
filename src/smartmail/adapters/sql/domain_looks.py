"""What DNS said of our domains (ports.store_domain_looks)."""

import msgspec

from smartmail.adapters.sql.declared import counted, every, executed, optional
from smartmail.adapters.sql.session import OnDatabase
from smartmail.adapters.sql.shape import Shape, Stored
from smartmail.domain.domain_looks import DomainLook, WantedRecord
from smartmail.ports.store_domain_looks import DomainLookStore

_RECORDS = Stored(
    lambda text: msgspec.json.decode(text, type=tuple[WantedRecord, ...]),
    lambda records: msgspec.json.encode(records).decode(),
)
_LOOK = Shape(DomainLook, records=_RECORDS)
_PUT = f"""insert into domain_look ({_LOOK}) values ($1, $2, $3)
    on conflict (domain) do update set looked_at = excluded.looked_at, records = excluded.records"""


class SqlDomainLooks(OnDatabase):
    """ports.store_domain_looks.DomainLookStore."""

    put_domain_look = executed(DomainLookStore.put_domain_look, _PUT, row=_LOOK.dump)
    domain_look = optional(DomainLookStore.domain_look, _LOOK, f"select {_LOOK} from domain_look where domain = $1")
    domain_looks = every(DomainLookStore.domain_looks, _LOOK, f"select {_LOOK} from domain_look order by domain")
    drop_domain_looks = counted(
        DomainLookStore.drop_domain_looks, "delete from domain_look where looked_at < $1 returning domain"
    )
