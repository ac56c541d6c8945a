"""Directory of a company (comes with the organisation issue)."""
