"""中文：朗读一段中文，用中文播报一张表格。/ Chinese: a text spoken, a table summed up in Chinese.

Makes its own inputs in the folder named by the first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
Path("水果.csv").write_text("年份,苹果,梨\n2023,210,69\n2024,238,80\n2025,226,92\n", "utf-8")

speech = vv.speak("图书馆早上九点开门。", language="zh")
vv.save(speech, "图书馆.mp3", overwrite=True)
print(speech.transcript.language, speech.transcript.text)

summary = vv.summarise("水果.csv", language="zh")
vv.save(vv.speak(summary), "水果.mp3", overwrite=True)
print(summary.text)
