"""A table out of a text, and out of a picture of a table.

Makes its own inputs in the folder named by the first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
Path("prices.md").write_text("| city | price |\n|---|---|\n| Oslo | 12.5 |\n| Lima | 8 |\n", "utf-8")

table = vv.extract("prices.md")
vv.save(table, "prices.csv", overwrite=True)
print(table.columns, table.rows)
print("sum:", sum(row[1] for row in table.rows))

sentences = vv.extract(vv.Text("The library opens at 9. It closes at 18."))
for row in sentences.rows:
    print(row)
