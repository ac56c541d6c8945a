"""Addresses of leavers that are kept from others for a while (BR-2): what makes an address somebody's asks here first."""

from datetime import UTC, datetime, timedelta

from smartmail.adapters.sql.session import Session
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.account_life import LeftAddress
from smartmail.domain.errors import AlreadyExists

LEFT = Shape(LeftAddress)
LEFT_ADDRESS = f"select {LEFT} from left_address where address = any($1)"
LEFT_OF = "select address from left_address where account_id = $1 order by address"
KEEP = """insert into left_address (address, organization_id, account_id, until, successor_id)
    select a.address, $2, $1, $3, l.successor_id from address a join leaving l on l.account_id = a.account_id
    where a.account_id = $1 on conflict (address) do update set account_id = excluded.account_id,
    until = excluded.until, successor_id = excluded.successor_id"""
UNKEEP = "delete from left_address where account_id = $1"
FREE_NOW = """select l.address, l.organization_id, l.account_id, l.until, l.successor_id from left_address l
    join account a on a.id = l.account_id where l.until <= $1 and a.state = 'closed' order by l.until limit $2"""
# A slash is in no domain: nobody can be called so, and nobody is found by it.
_RENAME = "update account set login = login || '/' || cast(id as text) where id = $1 and login = $2"


async def free_address(session: Session, one: LeftAddress) -> None:
    """Take an address off the account that left; whoever gets it finds nothing of them by it."""
    await session.run("delete from address where address = $1 and account_id = $2", one.address, one.account_id)
    await session.run("delete from address_end where address = $1", one.address)
    await session.run(_RENAME, one.account_id, one.address)
    await session.run("delete from left_address where address = $1", one.address)


async def take_address(session: Session, address: str, now: int) -> None:
    """Let an address be given to somebody. Raises AlreadyExists, with the day, while it is kept from others."""
    rows = await session.rows(LEFT_ADDRESS, [address])
    if not rows:
        return
    one = LEFT.of(rows[0])
    state = await session.row("select state from account where id = $1", one.account_id)
    if now < one.until or (state is not None and state[0] != "closed"):
        day = (datetime.fromtimestamp(one.until / 1000, UTC) + timedelta(hours=9)).date().isoformat()
        raise AlreadyExists(
            f"{address} was somebody's who left: it is given to nobody before {day}",
            reason="address.left",
            address=address,
            day=day,
        )
    await free_address(session, one)
