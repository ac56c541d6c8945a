"""Worker loops: leases, clean-up, compaction, audit chaining."""
