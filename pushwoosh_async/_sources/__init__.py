"""How a file becomes ids or rows, a page at a time.

Bytes (`files`) become whole lines (`text`), these what the format says (`formats`, `csv_columns`,
`json_lines`), and `paged_file` reads them on demand, as `arguments` allow.
"""
