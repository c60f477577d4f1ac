"""Customers, agreements, and who may see what from when to when."""
