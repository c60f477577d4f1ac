"""What is installed where: the network's tree, usage points, meters, transformers, complexes.

Dimension tables: on a cluster they are reference tables, so that other rooms may join them.
"""
