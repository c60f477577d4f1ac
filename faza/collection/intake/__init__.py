"""What others send us: telemetry by MQTT, HTTP and files, and a folder that is watched.

`taking.take` stores telemetry messages, many at once; `folder` and `mqtt` bring them, and
`running.running` has both beside a collector. Whatever comes is stored before it is acknowledged,
and storing it twice stores it once.
"""
