"""Pages of the network: what is read in one module, what is changed in others."""
