"""Parts of networks, written as their equations."""
