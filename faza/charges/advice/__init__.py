"""Which tariff is cheaper: own intervals of whole months, priced by all tariffs that are open."""
