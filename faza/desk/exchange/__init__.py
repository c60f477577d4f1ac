"""Import and export: files that came and went, counterparties, places."""
