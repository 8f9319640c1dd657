"""Shorten the SVG files of matplotlib to about a fifth, without a visible change."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"

_NUMBER = re.compile(r"-?\d+\.\d+")
_SPACE = re.compile(r"\s*([A-Za-z])\s*|\s+")
_DEFAULTS = {"text-anchor": "start", "stroke-dashoffset": "0", "stroke-linejoin": "miter"}


def compact(svg: str, root: dict[str, str], head: str) -> str:
    """Return an SVG file of matplotlib without what is repeated or unused.

    - Numbers are rounded to a tenth of a point, those of markers to a hundredth.
    - Fonts are left out; the root element names the font of all text.
    - Groups and ids are left out if nothing refers to them.
    - The path of a marker is kept once, its style once per line.
    - Nothing is clipped, because the axes contain all that is drawn.

    Args:
        svg: content of the file.
        root: attributes of the root element, in addition to `viewBox`.
        head: XML at the beginning of the root element.
    """
    tree = ElementTree.fromstring(svg)
    for parent in tree.iter():
        for child in [child for child in parent if child.tag in (f"{SVG}metadata", f"{SVG}style")]:
            parent.remove(child)
    _share_markers(tree)
    used = _short_ids(tree)
    parts = "".join(_written(child, used) for child in tree)
    attributes = _attributes({"xmlns": SVG[1:-1], "viewBox": tree.attrib["viewBox"]} | root)
    return f"<svg{attributes}>{head}{parts}</svg>\n"


def _share_markers(tree: Element) -> None:
    """Keep one copy of each marker's path, without a style. The group of its uses gets the style."""
    paths = {path.attrib["id"]: path for path in tree.iter(f"{SVG}path") if "id" in path.attrib}
    first: dict[str, str] = {}
    styles = {}
    for name, path in paths.items():
        first.setdefault(path.attrib["d"], name)
        styles[name] = path.attrib.pop("style", "")
    for group in tree.iter(f"{SVG}g"):
        uses = [child for child in group if child.tag == f"{SVG}use"]
        for use in uses:
            name = use.attrib[HREF][1:]
            use.set("style", f"{styles.get(name, '')};{use.attrib.get('style', '')}")
            use.set(HREF, f"#{first[paths[name].attrib['d']]}")
        if uses and len(uses) == len(group) and len({use.attrib["style"] for use in uses}) == 1:
            group.set("style", uses[0].attrib["style"])
            for use in uses:
                del use.attrib["style"]


def _short_ids(tree: Element) -> dict[str, str]:
    """Return a dict from the id of each marker that is drawn, to a short id."""
    names = dict.fromkeys(use.attrib[HREF][1:] for use in tree.iter(f"{SVG}use"))
    return {name: f"i{number}" for number, name in enumerate(names)}


def _written(element: Element, ids: dict[str, str]) -> str:
    """Return an element as XML. A group without attributes is replaced by its content; an empty one is left out."""
    tag = element.tag.removeprefix(SVG)
    attributes = _attributes(dict(_kept(element, ids)))
    text = _escaped(element.text or "") if tag == "text" else ""
    inside = text + "".join(_written(child, ids) for child in element)
    if tag == "clipPath" or ("id" in element.attrib and tag == "path" and element.attrib["id"] not in ids):
        return ""
    if tag in ("g", "defs") and not (inside and attributes):
        return inside if tag == "g" or not inside else f"<defs>{inside}</defs>"
    return f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"


def _kept(element: Element, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    digits = 2 if "id" in element.attrib and element.tag == f"{SVG}path" else 1
    for name, value in element.attrib.items():
        if name == "id" and value in ids:
            yield "id", ids[value]
        elif name == HREF:
            yield "href", f"#{ids[value[1:]]}"
        elif name == "style" and (style := _style(value)):
            yield "style", style
        elif name == "d":
            yield "d", _SPACE.sub(lambda space: space[1] or " ", _rounded(value.strip(), digits))
        elif name not in ("id", "style", "clip-path") and not value.startswith("rotate(-0 "):
            yield name, _rounded(value, digits)


def _style(style: str) -> str:
    """Return the parts of a style that are not the defaults. The font is that of the root element."""
    parts = [part.split(":", 1) for part in style.split(";") if part.strip()]
    pairs = [(name.strip(), value.strip()) for name, value in parts]
    kept = dict(pair for pair in pairs if _DEFAULTS.get(pair[0]) != pair[1] and not pair[0].startswith("font"))
    return ";".join(f"{name}:{_rounded(value, 2)}" for name, value in kept.items())


def _rounded(text: str, digits: int) -> str:
    def short(number: re.Match[str]) -> str:
        shown = f"{float(number[0]):.{digits}f}".rstrip("0").rstrip(".")
        return "0" if shown in ("-0", "") else shown

    return _NUMBER.sub(short, text)


def _attributes(values: dict[str, str]) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in values.items())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
