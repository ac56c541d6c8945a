"""Nodes beside each other: who has a name, who is alone, and whether their volumes are the same."""
