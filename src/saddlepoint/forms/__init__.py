"""What a tensor is to whoever shows it, writes it, reads it or shrinks it: the one place that looks at its rank."""
