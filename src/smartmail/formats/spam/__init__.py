"""Learning what spam looks like: from a message to numbered features, and the arithmetic of a linear model over them.

Pure: no clock, no chance, no storage. Must not know accounts, keys or verdicts. Read first: features.py, model.py.
"""
