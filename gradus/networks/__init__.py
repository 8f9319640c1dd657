"""Networks: language models, translation models, and the descriptions of trained networks."""
