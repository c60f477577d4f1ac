"""The truth test: known faults and known consumption, through the store, against what comes out.

`months` takes intervals of real homes away; `fleet` reads simulated meters that fail; `page`
writes what came out into a page. `python -m faza.bench.truth PAGE` does all of it, in a database
of its own.
"""
