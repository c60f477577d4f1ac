"""OAuth 2 for applications of others: `clients` at the desk, `server` for the conversation.

Why oauthlib over our own rows: docs/adr/0015-oauth-over-our-own-tokens.md.
"""
