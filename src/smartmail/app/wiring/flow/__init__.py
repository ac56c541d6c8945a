"""The flow of mail, in the order in which it is made: mail that leaves (`outgoing`), mail that comes in (`incoming`),
what people do with both (`personal`). `addresses` and `filters` are parts of the first two.
"""
