"""What is a value, and what the words of a name say."""
