"""The store on SQL: SQLite (apsw) for one host, PostgreSQL (asyncpg) for several nodes.

What a store does is written once, over `Session` (session.py): `store.py` puts the groups together, `work.py` and
`tx*.py` write mail, `deliver.py` stores many copies at once, `reads.py` reads. A driver gives `Database`
(session.py): `sqlite*.py` with one writer thread per process and group commit, `postgres.py` with a pool.
Must not know: keys, volumes, protocols, rights. It sees sealed bytes and keyed hashes only.
Read first: session.py, work.py, sqlite_writer.py.
"""

from smartmail.adapters.sql.session import DatabaseAway
from smartmail.adapters.sql.store import SqlStore, open_postgres, open_sqlite

__all__ = ["DatabaseAway", "SqlStore", "open_postgres", "open_sqlite"]
