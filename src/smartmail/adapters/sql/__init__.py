"""The store on SQLite and PostgreSQL from one SQL text."""
