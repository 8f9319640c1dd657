"""Write files and folders safely, seal folders, and read arrays and JSON of unknown origin."""
