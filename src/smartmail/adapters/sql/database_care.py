"""The care of the database (ports.store_database.DatabaseStore)."""

from smartmail.adapters.sql.session import OnDatabase
from smartmail.ports.store_database import DatabaseCare


class SqlDatabaseCare(OnDatabase):
    """ports.store_database.DatabaseStore."""

    def database_care(self) -> DatabaseCare:
        return self._db.care()
