"""What the machine gives: regular files, memory, the other processes."""
