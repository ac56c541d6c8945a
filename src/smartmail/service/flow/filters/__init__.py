"""Filters: a person's Sieve scripts, kept sealed, checked, activated and run at delivery."""
