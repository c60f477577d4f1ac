"""Values of the domain: periods, civil days, units, qualities, reading types.

Plain Python and NumPy. Nothing here knows Django, a database, a clock or a user.
"""
