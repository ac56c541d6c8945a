"""What a vendor makes of this tree: papers for buyers, bundles of updates."""
