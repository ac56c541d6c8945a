"""A node brought back or moved: restores, rehearsals of them, another database, the recovery kit."""
