"""Country look-up (comes with the mail-flow issue)."""
