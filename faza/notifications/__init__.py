"""Delivers the outbox: to the page, by e-mail, by push. Nothing below knows how."""
