"""Balances of places at the desk: the list of the worst, one place over time, its group."""
