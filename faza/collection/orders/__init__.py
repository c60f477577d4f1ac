"""Orders about the supply of a point, from the request to what the meter said when read back.

The one way to a relay or a limiter: nobody else asks a collector for one (a test sees to it).
"""
