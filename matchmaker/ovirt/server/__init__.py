"""The server that oVirt's engine calls in the place of its discontinued external scheduler."""
