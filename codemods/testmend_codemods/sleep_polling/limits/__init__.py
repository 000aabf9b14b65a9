"""How long a wait may take, from what the old loop and its test say."""
