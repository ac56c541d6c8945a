"""The care of the database (ports.store_database.DatabaseStore)."""

from smartmail.adapters.sql.session import Database
from smartmail.ports.store_database import DatabaseCare


class SqlDatabaseCare:
    """ports.store_database.DatabaseStore."""

    _db: Database

    def database_care(self) -> DatabaseCare:
        return self._db.care()
