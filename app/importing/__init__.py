"""Bringing in many records at once: a file is parsed, checked, compared with what is stored, applied whole, undone."""
