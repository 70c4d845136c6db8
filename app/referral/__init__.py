"""Choosing how this referrer should refer this person."""
