"""What gradus does with DVC: two stages at once, recipes, the pull request's report, re-hashed outputs."""
