"""Shorten BibTeX entries, as mtdata and sacreBLEU have them, to one line such as "Kocmi et al. (2023), Findings of"."""

import re

_FIELD = re.compile(r'(\w+)\s*=\s*(?:\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}|"([^"]*)"|([0-9]+))')
_MARKS = re.compile(r"\\[a-zA-Z]+\s*|\\[^a-zA-Z]|[{}]")
"""Commands and braces of LaTeX."""


def short_citation(bibtex: str) -> str:
    """Return authors, year and title of each entry; return the text itself if it is not BibTeX."""
    entries = [_shortened(entry) for entry in re.split(r"^\s*@(?=\w+\{)", bibtex, flags=re.MULTILINE) if entry.strip()]
    return "; ".join(entries) if entries and all(entries) else bibtex


def _shortened(entry: str) -> str:
    found = {name.lower(): braced or quoted or number for name, braced, quoted, number in _FIELD.findall(entry)}
    fields = {name: " ".join(_MARKS.sub("", value).split()) for name, value in found.items()}
    if not fields.get("title"):
        return ""
    authors = [_family_name(author) for author in fields.get("author", "").split(" and ") if author.strip()]
    who = " and ".join(authors) if len(authors) < 3 else f"{authors[0]} et al."
    return f"{who} ({fields.get('year', 'no year')}), {fields['title']}" if who else fields["title"]


def _family_name(author: str) -> str:
    """Return the family name in `Family, Given` or `Given Family`."""
    return author.split(",")[0].strip() if "," in author else author.split()[-1]
