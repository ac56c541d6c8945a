"""The life of one process of the tree: what the first start needs, listeners and loops, the end. Read first: bootstrap.py."""
