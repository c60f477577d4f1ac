"""«Network parameters»: a moment at a point, what it says, how it went, how good the supply is."""
