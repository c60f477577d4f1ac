"""What a month will take: the forecast with its band, tested on the point's own past."""
