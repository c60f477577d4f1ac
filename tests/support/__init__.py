"""What tests start for themselves: an environment of their own, a database server, a browser."""
