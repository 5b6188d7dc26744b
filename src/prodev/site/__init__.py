"""The reader's site: staged from course data and docs/, then built to plain HTML.

    python -m prodev.site build      # .build/site-src, then site/
    python -m prodev.site serve      # the same, again whenever a source changes
    python -m prodev.site stage      # the tree of Markdown alone

See docs/adr/0004-stage-the-site-from-course-data.md.
"""
