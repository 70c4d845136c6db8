"""The form of a GSS code, the nine characters by which the Office for National Statistics names an area: E23000014."""

# Not \d: Pydantic's is every digit of the world.
GSS = r"^[EWSN][0-9]{8}$"
"""Of a whole text; the letter is England, Wales, Scotland or Northern Ireland."""
