"""The open API: what a person's own programs read with a token (docs/reference/api.md)."""
