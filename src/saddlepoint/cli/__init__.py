"""The command `saddle`: one file a command, no logic of its own."""
