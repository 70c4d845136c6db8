"""Speed, as ratios to a plain FastAPI route measured in the same minutes on the same machine. `make bench` runs it."""
