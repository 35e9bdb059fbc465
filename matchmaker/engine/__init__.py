"""Trees turned into something that runs."""
