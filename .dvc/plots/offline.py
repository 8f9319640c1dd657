"""Print a page for `dvc plots` that contains Vega's scripts, which DVC's own page loads from the network.

dvc plots show --html-template FILE takes the page; {plot_divs} is where DVC inserts the plots.
"""

from vl_convert import javascript_bundle

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{refresh_tag}
<title>gradus: plots</title>
<script>%s</script>
</head>
<body>{plot_divs}</body>
</html>
"""

if __name__ == "__main__":
    # The templates of DVC 3 are written for Vega-Lite 5.
    print(PAGE % javascript_bundle(vl_version="5.21").replace("</script", r"<\/script"))
