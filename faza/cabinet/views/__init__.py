"""Pages: each resolves the user's points by a door, asks one question and chooses a template."""
