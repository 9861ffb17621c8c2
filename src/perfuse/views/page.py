"""The frame of every page: one file, nothing from the network, no script; the safety text at head and foot."""

import html
import re
from importlib.resources import files

from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.views.colours import DARK, LIGHT

_JOINT = re.compile(r"(?<=\w_)(?=\w)|(?<=[A-Za-z]\.)(?=[a-z]{3})")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, body: str) -> str:
    """A whole HTML page around `body` (already HTML); light and dark follow the reader's device, print is light."""
    light = "".join(f"--{name}:{value};" for name, value in LIGHT.items())
    dark = "".join(f"--{name}:{value};" for name, value in DARK.items())
    style = files("perfuse.views").joinpath("page.css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="color-scheme" content="light dark">
<title>{text(title)}</title>
<style>:root{{{light}}}
@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}
{style}</style>
</head>
<body>
<aside class="notice" aria-label="Safety"><div><strong class="stamp">{NOT_FOR_CLINICAL_USE}</strong><p>{text(SAFETY_TEXT)}</p></div></aside>
<main>
{body}
</main>
<footer class="foot"><p><strong>{NOT_FOR_CLINICAL_USE}.</strong> {text(SAFETY_TEXT)}</p></footer>
<div class="everypage" aria-hidden="true">{NOT_FOR_CLINICAL_USE} · simulation by perfuse</div>
</body>
</html>
"""


def text(words: object) -> str:
    """Words made harmless for HTML."""
    return html.escape(str(words))


def symbol(words: str) -> str:
    """A symbol with its subscript: SaO_2, P_ven."""
    head, _, rest = text(words).partition("_")
    low, space, tail = rest.partition(" ")
    return f"{head}<sub>{low}</sub>{space}{tail}" if rest else head


def section(title: str, key: str, body: str) -> str:
    """One part of a page under its heading."""
    return f'<section aria-labelledby="{key}"><h2 id="{key}">{text(title)}</h2>\n{body}\n</section>'


def heading(title: str) -> str:
    """A title whose "VV-ECMO" does not break at its hyphen."""
    return text(title).replace("-ECMO", "\N{NON-BREAKING HYPHEN}ECMO")


def figure(svg: str, caption: str = "") -> str:
    """A drawing with what it shows."""
    words = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    return f"<figure>{svg}{words}</figure>"


def both_widths(wide: str, narrow: str, caption: str = "") -> str:
    """A drawing made twice, for a page and for a phone."""
    words = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    return f'<figure><div class="wide">{wide}</div><div class="narrow">{narrow}</div>{words}</figure>'


def breakable(words: str) -> str:
    """HTML in which a long name may go on in the next line behind its underscores and dots; numbers and units stay whole."""
    parts = re.split(r"(<[^>]*>|&[^;]*;)", words)
    return "".join(part if i % 2 else _JOINT.sub("<wbr>", part) for i, part in enumerate(parts))


def rows(cells: list[list[tuple[str, str]]], heads: list[str], kind: str = "") -> str:
    """A table of words that becomes a list on a phone; a cell is (class, HTML), the first one heads its row."""
    top = "".join(f'<th scope="col" class="words">{text(head)}</th>' for head in heads)
    body = []
    for line in ([(name, breakable(words)) for name, words in row] for row in cells):
        first = f'<th scope="row" class="words {line[0][0]}">{line[0][1]}</th>'
        rest = "".join(
            f'<td class="words {name}" data-name="{text(head)}">{words}</td>'
            for (name, words), head in zip(line[1:], heads[1:], strict=True)
        )
        body.append(f"<tr>{first}{rest}</tr>")
    return f'<table class="rows {kind}"><thead><tr>{top}</tr></thead><tbody>{"".join(body)}</tbody></table>'
