"""Candidates as text: JSON, JSON Lines, CSV, and how to tell them apart."""
