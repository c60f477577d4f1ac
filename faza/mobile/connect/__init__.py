"""A phone is connected: it scans or types a code, waits for the owner, gets its key as a cookie."""
