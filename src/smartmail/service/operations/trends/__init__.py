"""Trends: figures counted in every process, measured by one, folded, and shown over time to who may see them.

PURPOSE  What the dashboard draws. Must not know what drawing is.
READ     counting.py (every process), measuring.py (one process), showing.py (what is told to whom).
"""
