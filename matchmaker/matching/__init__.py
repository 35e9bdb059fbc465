"""Filter and sort pools of candidates."""
