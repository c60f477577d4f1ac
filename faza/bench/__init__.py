"""Measurements of Faza against its targets: `faza bench`, `make bench`, docs/performance.md.

Every engine is measured in a process and a database of its own, made for it and dropped after
it: nothing that is stored is touched. A ratio is of two things measured in one run.
"""
