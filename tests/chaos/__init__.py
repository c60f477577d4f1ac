"""Everything under load, each process and the database killed: nothing acknowledged is lost.

`make chaos` does twenty rounds of each; it takes too long, and leans too much on the machine's
speed, for the suite.
"""
