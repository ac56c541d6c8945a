"""Keys at work: a master key that is replaced, originals that are sealed anew, shredding, originals that two persons open.

Must not know where a master key lies (ports.keys.MasterKeeper does), nor how screens look.
Read rotating (the master key), resealing (originals), opening (two persons).
"""
