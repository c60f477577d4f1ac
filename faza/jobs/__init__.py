"""Work done apart from a request: who asked, how far it is, what came of it.

Knows no deed: rooms above register what they can do by a name.
"""
