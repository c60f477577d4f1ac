"""Tariffs at the desk: prices by date, their import, the market, the tax."""
