"""What an attribute means on a candidate: names, numbers, globs."""
