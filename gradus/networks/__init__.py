"""Networks: language models, translation models, and the description of a trained one."""
