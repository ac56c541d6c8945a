"""Countries and networks of addresses: the tables that are shipped, and files of other makers."""
