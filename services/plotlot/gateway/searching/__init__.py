"""What a search asks for besides its words, and its results."""
