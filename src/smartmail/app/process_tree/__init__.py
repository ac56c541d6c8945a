"""The process tree of a node: the supervisor, the processes that it starts and watches, what it gives up and hands on.

The supervisor imports next to nothing of the program. Read first: supervisor.py, child.py, worker.py.
"""
