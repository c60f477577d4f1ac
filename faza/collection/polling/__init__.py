"""Reading meters by a plan: whose turn it is, what is missing, and what becomes of the answers.

Synchronous and without a socket: the collector (`faza.collection.collector`) takes `work` from
`claims`, talks to meters by its drivers and gives `results` back. What time it is, is an argument.
"""
