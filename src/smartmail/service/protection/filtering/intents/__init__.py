"""What unwanted letters are after: intents as data in five languages, brands with their own domains, calls to act.

Data and pure functions; who runs them is service.protection.filtering.rules.intents. Must not know stores, settings or other checks.
Read first: intent.py (what an intent is), then the tables by kind.
"""
