"""What energy costs: readings by tariff and agreement, kept by month; billing substitution.

A reference calculation, never a bill. Money is Decimal, volumes are exact, and a total is a
number with its completeness.
"""
