"""«Meter readings»: what registers showed at two moments, and what was counted between them."""
