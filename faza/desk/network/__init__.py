"""The network tree, usage points, meters, transformers, complexes, replacement."""
