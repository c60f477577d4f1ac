"""The operator's web: queues first, then the grid, the papers and the office.

What a person may do here is in `contracts.permissions`, what they may see in `contracts.access`.
"""
