"""Composition root: settings, roles, bootstrap, supervisor, command line.

The only place that names an adapter. Holds no rule about mail.
Read first: bootstrap.py, supervisor.py, settings.py.
"""
