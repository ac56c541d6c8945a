"""Counters of a stopped node's database against what they count (architecture 1.18): every row of the answer is a fault."""

import contextlib
from pathlib import Path

import apsw

_QUERIES = {
    "messages of accounts": """select id, messages, (select count(*) from message where account_id = account.id) as found
        from account where messages <> found""",
    "octets of accounts": """select id, used,
        (select coalesce(sum(size), 0) from message where account_id = account.id) as found
        from account where used <> found""",
    "placements of mailboxes": """select account_id, id, placements,
        (select count(*) from placement p where p.account_id = m.account_id and p.mailbox_id = m.id) as found
        from mailbox m where placements <> found""",
    "UIDs at or above UIDNEXT": """select m.account_id, m.id, m.uidnext, max(p.uid) as highest
        from mailbox m join placement p on p.account_id = m.account_id and p.mailbox_id = m.id
        group by 1, 2 having highest >= m.uidnext""",
    "references to blobs": """select hex(id), refs, (select count(*) from message where blob_id = blob.id)
        + (select count(*) from queue_entry where blob_id = blob.id)
        + (select count(*) from vault where blob_id = blob.id)
        + (select count(*) from upload where blob_id = blob.id) as found from blob where refs <> found""",
    "messages of tags": """select account_id, number, messages,
        (select count(*) from tagged t where t.account_id = k.account_id and t.number = k.number) as found
        from keyword k where messages <> found""",
    "messages without a placement": """select account_id, id from message m where not exists
        (select 1 from placement p where p.account_id = m.account_id and p.message_id = m.id)""",
    "messages without a summary or blob": """select m.account_id, m.id from message m
        left join summary s on s.account_id = m.account_id and s.message_id = m.id
        left join blob b on b.id = m.blob_id where s.message_id is null or b.id is null""",
}


def recount(directory: Path) -> dict[str, list[object]]:
    """Return fault → rows; empty when all counters are right and SQLite finds its file sound."""
    with contextlib.closing(apsw.Connection(str(directory / "smartmail.db"), apsw.SQLITE_OPEN_READONLY)) as store:
        faults = {name: list(store.execute(query)) for name, query in _QUERIES.items()}
        faults["integrity"] = [row for row in store.execute("pragma integrity_check") if row != ("ok",)]
    return {name: rows for name, rows in faults.items() if rows}
