"""The collector: takes lines that are due, talks to their meters, hands over what came of it.

    run      the loop: leases, sessions at once, stopping
    visit    one session with one meter: commands, then what is due, then its clock
    tasks    what is asked for each kind of reading
    orders   what is done for each command
    recorder a thread that gives batches of results to the store

One asyncio process holds a thousand sessions; several processes share the work by leases in the
database, and what a killed one held is taken over when its leases end. A line is spoken on by one
session at a time: that is what a lease of it means.
"""
