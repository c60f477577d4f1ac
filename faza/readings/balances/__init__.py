"""Balances of places: what came in, what went out, what is lost by computation, what is not told.

`accuracy`, `reckoning` and `suspicion` are plain NumPy; `queries` asks the store.
"""
