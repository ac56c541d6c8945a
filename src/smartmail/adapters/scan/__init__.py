"""Content scanners (come with the mail-flow issue)."""
