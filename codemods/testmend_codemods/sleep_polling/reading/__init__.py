"""What stands in a loop: its sleeps, counters and questions, and how control flows."""
