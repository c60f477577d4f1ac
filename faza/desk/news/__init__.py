"""«Новости»: written, aimed at places and groups of readers, published and withdrawn."""
