"""Write files and folders safely, list their hashes in seals, and read arrays and JSON of unknown origin."""
