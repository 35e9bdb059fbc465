"""What the clauses of a requirement say about each other: contradictions, repetitions, and what is never or always true."""
