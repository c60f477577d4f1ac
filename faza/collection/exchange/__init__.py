"""Files to and from counterparties: mailbox, SFTP, uploads; messages that are sent by themselves.

All of it runs in a worker: an upload is a job, everything else a round every few minutes.
"""
