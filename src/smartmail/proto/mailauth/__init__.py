"""DKIM and its siblings: arithmetic only; look-ups come in as callables."""
