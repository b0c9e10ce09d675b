"""From what was said to the things it names."""
