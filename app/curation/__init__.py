"""How records come in, are checked and published."""
