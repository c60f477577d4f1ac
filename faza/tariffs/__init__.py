"""Tariffs, the zones of the day and the production calendar: dated data with their sources."""
