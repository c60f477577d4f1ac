"""The table address x role x state, a module an area of the site; tests/test_doors.py walks it.

A new address without a row fails. See `table.Door` for what a row says.
"""
