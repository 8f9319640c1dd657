"""Parts of networks, as equations."""
