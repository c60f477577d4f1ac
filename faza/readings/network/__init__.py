"""Parameters of the network at a usage point: vectors, what they say, quality of the supply.

`phasors`, `verdicts` and `quality` are plain Python: no Django. `moments` keeps what meters tell
of one moment, `queries` asks for it within windows.
"""
