"""The СПОДЭС objects, asked for."""
