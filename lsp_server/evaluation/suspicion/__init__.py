"""How many bugs the suspicion map finds, and how often it flags what is right."""
