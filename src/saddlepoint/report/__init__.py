"""Pictures and pages made from arrays and run folders, never from models."""
