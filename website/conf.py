"""Sphinx's settings for the course's website; `build.py` beside it gathers the pages."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

MATRIX = re.compile(r"\\begin\{(pmatrix|bmatrix)\}.*?\\end\{\1\}", re.DOTALL)
project = "Le masque causal"
author = "les auteurs du cours"
project_copyright = "les auteurs du cours, CC BY 4.0"
language = "fr"
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
myst_dmath_double_inline = True
suppress_warnings = ["myst.header"]  # a lesson's title stands in a cell of its own
html_theme = "furo"
html_title = project
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
smartquotes = False  # French quotes are written as they are meant
highlight_language = "none"


def formula(translator: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML, which a browser draws without a script, a font or a network."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    latex = re.sub(r"\\arg\b", r"\\operatorname{arg}", node.astext())  # the one name that latex2mathml lacks
    latex = MATRIX.sub(r"{\g<0>}", latex)  # a group of its own: its brackets are as tall as it is
    translator.body.append(convert(latex, display=display))
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx how formulas are drawn."""
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
