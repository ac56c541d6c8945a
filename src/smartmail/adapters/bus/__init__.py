"""Hints between processes and nodes: may lose, never lies."""
