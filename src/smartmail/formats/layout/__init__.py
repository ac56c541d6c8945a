"""What a document looks like, near enough to be read: octets in, a small typed model out, one file per format.

Not an office program: no page is broken as its writer would break it. Headings, looks of characters, lists, tables,
pictures, sheets and the places of boxes on slides are there. The model holds characters, numbers and octets of pictures
and nothing that runs or is fetched: no link, no address of another host, no markup. Bounds are in `tree` and `making`;
those of unpacking are `extract.out.Limits`. Runs in a child that may be killed (adapters/extraction).
Read first: model.py, reading.py.
"""
