"""Insert tables of results into the README, between markers."""

import re
from pathlib import Path

from gradus.errors import InputError

_BLOCK = re.compile(r"(<!-- table:([\w/-]+) -->\n)(.*?)(<!-- end -->)", flags=re.DOTALL)


def splice(text: str, tables: Path) -> str:
    """Replace the text between `<!-- table:NAME -->` and `<!-- end -->` with the table NAME.

    Args:
        text: Markdown with any number of such blocks.
        tables: folder that contains the tables as files NAME.md.
    Returns:
        The text with new tables; a second call changes nothing.
    Raises:
        InputError: if a table is missing, or a block has no end.
    """
    # Without its end, a block would extend to the end of the next one and replace the text between them.
    if text.count("<!-- table:") != len(_BLOCK.findall(text)):
        expected = "<!-- end --> after each table"
        remedy = "add this line after the table"
        raise InputError("README.md", expected=expected, found="a table without <!-- end -->", remedy=remedy)

    def renewed(block: re.Match[str]) -> str:
        path = tables / f"{block[2]}.md"
        if not path.exists():
            raise InputError(path, expected="a table", found="no file", remedy="run dvc repro, or correct the marker")
        return f"{block[1]}{path.read_text(encoding='utf-8').strip()}\n{block[4]}"

    return _BLOCK.sub(renewed, text)
