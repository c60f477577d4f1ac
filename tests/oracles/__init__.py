"""Other people's DLMS clients, each run in a process of its own, reading the simulator.

They are here to disagree with us: neither shares a line with the codec that both our client and
our meters use. `python -m tests.oracles.cosem_reads` and `gurux_reads` take a question (`Asked`)
as JSON on standard input and write what they read (`Told`) as JSON to a file; what they print
besides is theirs.
"""
