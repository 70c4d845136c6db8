"""What providers report about free places."""
