"""Several nodes of one database: who has a name, who is alone, and whether their volumes are the same."""
