"""The cases: each a function of `Settings` that returns the rows of one table."""
