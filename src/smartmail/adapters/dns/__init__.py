"""DNS resolver over dnspython."""
