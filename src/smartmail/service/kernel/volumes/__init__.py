"""Volumes: which a process has open, which of them takes the next blob, and the work on them.

Must not know what a blob holds, nor who may read it. Read first: book.py (the set of a process), then moving.py (blobs that
change their volume), watching.py (states and samples), administering.py (what administrators do).
"""
