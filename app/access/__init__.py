"""Who may do what, and the secrets that prove it."""
