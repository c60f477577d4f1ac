"""«Тревоги»: events that somebody has to look at, and who has dealt with them."""
