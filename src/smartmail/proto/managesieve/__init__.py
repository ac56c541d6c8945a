"""ManageSieve (RFC 5804; comes with the clients issue)."""
