"""Makes ports of what a node file names: volumes, keys, places of backups, resolvers and web clients, rehearsals."""
