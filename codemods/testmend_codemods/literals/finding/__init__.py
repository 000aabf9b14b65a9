"""Where values stand, which of them stay, and what their surroundings call them."""
