"""What the public may know: the one projection of stored records, and the immutable snapshot made of it."""
