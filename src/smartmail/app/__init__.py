"""Composition root: settings, roles, bootstrap, supervisor, command line.

The only place that names an adapter. Holds no rule about mail.
Read first: process_tree/supervisor.py (the tree of a node), serving/bootstrap.py (one process of it), node.py, wiring/ (its
services), settings.py. `opening` makes ports of what the node file names, `children` parse untrusted files.
"""
