"""ManageSieve sessions (not served yet)."""
