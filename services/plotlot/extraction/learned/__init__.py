"""Standards read by a small model that scores which number sets which field of which district."""

ENGINE = "learned/1"
"""The number of the way in which places are found and described; a model's name is added to it."""
