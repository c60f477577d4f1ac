"""What somebody must be told: written in the deed's own transaction.

`notifications` delivers it.
"""
