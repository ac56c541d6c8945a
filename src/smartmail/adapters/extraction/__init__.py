"""Text extraction in child processes that may be killed."""
