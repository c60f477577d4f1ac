"""What stands at the points and by which papers: meters' passports, complexes, agreements.

Of two successive customers of a point each is told of what stood in the own time.
"""
