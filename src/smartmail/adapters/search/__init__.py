"""Sealed-bucket search index (comes with the search issue)."""
