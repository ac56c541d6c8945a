"""Worker loops: leases, clean-up, compaction. Must not know what the work does: that is service.operations.upkeep."""
