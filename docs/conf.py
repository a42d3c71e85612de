"""The site's settings: ``python -m sphinx -W docs docs/_build/html`` builds it, with warnings as errors."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pages

import imbalance_accessor

project = "imbalance_accessor"
version = release = imbalance_accessor.__version__
copyright = "the authors of imbalance_accessor, BSD-3-Clause"

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_nb"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "imbalance accessor"
html_static_path = ["_static"]
html_css_files = ["site.css"]

# Pages are Markdown; notebooks are shown with the outputs that they hold, and executed by .ci/run.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"

# A docstring's single backticks name parameters and verbs, not documents.
default_role = "literal"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 90


def setup(_: object) -> None:
    """Write the pages that come from the code before any is read."""
    pages.write()
