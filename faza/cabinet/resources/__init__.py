"""«Consumption of resources»: the month so far by resource and by point."""
