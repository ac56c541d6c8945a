"""Implementations of the ports, chosen once in app.node.

Know the ports and the domain, never a service. Read first: sql/store.py, volumes/packs.py.
"""
