"""Text out of any model that offers a step."""
