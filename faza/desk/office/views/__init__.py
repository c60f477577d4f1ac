"""Pages of the office, a module each."""
