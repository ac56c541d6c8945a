"""Requests to the web of others."""
