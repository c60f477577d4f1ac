"""What a link shows to whoever holds it, without signing in."""
