"""Everything under load, each process and the database killed: nothing acknowledged is lost.

`make chaos` does twenty rounds of each; the suite one.
"""
