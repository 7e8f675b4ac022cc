"""Every program of docs/examples runs anywhere, offline, and prints what it promises.

The expectations hold with flite and without it; espeak's speech is harder to recognise.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LONGEST_LINES = {"morse_engine.py": 70}
MOST_LINES = 40

EXPECTED = {
    "align_words.py": [r"(?m)^ 0\.\d\d  0\.\d\d  The$", r"(?m)^ [12]\.\d\d  [12]\.\d\d  morning$"],
    "captioned_video.py": [r"640x360, [12]\.\d s, sound: True", "subtitles: .*the morning"],
    "chinese.py": ["zh 图书馆早上九点开门。", "年份、苹果和梨", "苹果238"],
    "describe_a_picture.py": [
        "450 by 300 pixels",
        "mainly in .*blue",
        "This is a basic description",
        "宽450、高300像素",
    ],
    "detect_speech.py": [r"speech from 2\.[0-4] to 4\.\d s"],
    "errors.py": [
        r"input: empty\.wav is empty \(0 bytes\)",
        r"输入： empty\.wav .+",
        "no route .* --licence",
        "not ready: .*viva models pull blip-vqa",
    ],
    "first_steps.py": ["the morning", r"speech → pocketsphinx → text\[en, timed\] → typographic-card → image\[en\]"],
    "follow_progress.py": [r"start pocketsphinx 0\.0 s", r"part  pocketsphinx", r"end   typographic-card"],
    "identify_language.py": [r"(?m)^en 0\.9", r"(?m)^de 0\.9", r"(?m)^zh 0\.\d\d  请问"],
    "limits.py": ["refused: the recording lasts [23] s and the limit is 1 s", "accepted: .*the morning"],
    "morse_engine.py": [r"a word of 2\.04 s\na word of 3\.00 s\na word of 3\.12 s"],
    "origin_trail.py": [
        r"pocketsphinx: \d+\.\d\d s.*, input [0-9a-f]{8}\n",
        "typographic-card: ",
        r'beside the text: \{"generator": "vivavoce", "steps": \[\{"engine": "',
    ],
    "picture_to_speech.py": [
        r"says: The museum is open from nine to six\.",
        "made by: typographic-card → rapidocr → (flite|espeak)",
    ],
    "plan_a_route.py": [
        r"speech → pocketsphinx → text\[en, timed\] → typographic-card → image\[en\]",
        r"quality 0\.\d\d, licences BSD-2-Clause, Apache-2\.0",
        r"speech\[zh\] → faster-whisper-small → text\[zh, timed\]",
        "faster-whisper-small is missing; run: .+",
    ],
    "read_a_picture.py": [
        "Opening hours\nMonday 9 to 6\nSunday closed",
        r"\(\d+, \d+\)–\(\d+, \d+\) [01]\.\d\d Sunday",
    ],
    "recording_to_text.py": ["en: .*the morning", r"by pocketsphinx, [1-9] words with times"],
    "similar_sentences.py": [r"\A 0\.\d\d  Trains to the coast leave every hour\.\n"],
    "stream_speech.py": [
        r"after \d+ ms: \d\.\d s of “The library opens at nine in the morning\.”",
        r"3 parts, \d\.\d s together",
    ],
    "stream_transcript.py": [r"part 1: 0\.\d–[12]\.\d s  .*the morning", r"part 2: [56]\.\d–[67]\.\d s  \w"],
    "table_from_text.py": [r"\('Oslo', 12\.5\), \('Lima', 8\)", r"sum: 20\.5", r"\(2, 'It closes at 18\.', 4, '18'\)"],
    "table_to_chart.py": ["chart of 1280x720 pixels by matplotlib-chart", r"spoken: .*Quito: price 9\.25"],
    "text_to_speech.py": [
        r"notes\.mp3: [345]\.\d s, \d+ bytes",
        r"notes\.opus: [345]",
        r"notes\.wav: [345]",
        r"The reading room is quiet\.",
    ],
    "two_inputs.py": [
        r"video of [23]\.\d s by narrated-still",
        r"speech \+ image → pocketsphinx → text\[en, timed\] → blip-vqa → text\[en\]",
        "blip-vqa needs .+; run: .+",
    ],
    "use_a_plugin.py": [r"morse: 2\.04 s", "without a wish: (flite|espeak)"],
    "video_to_subtitles.py": [
        r"\A1\n00:00:0\d,\d{3} --> 00:00:0[12],\d{3}\n.*the morning\n",
        "narrated-slides → sound-track → pocketsphinx",
    ],
    "voices.py": [
        r"zh: 0\.\d\d s of “早上好”",
        r"fr: 0\.\d\d s of “Bonjour”",
        r"calm 1\.[3-6]\d s, quick 0\.[6-8]\d s",
    ],
    "wishes.py": [
        r"anything: speech\[en\] → pocketsphinx → ",
        "whisper: .*faster-whisper-small",
        r"at most 10 s for a minute: .*moonshine-base .*\(7\.3 s, ",
        r"MIT licence only: .*, MIT\)",
        "Chinese, offline: no route .* --offline",
        r"Chinese, fetched if need be: speech\[zh\] → faster-whisper-small",
        "fast: espeak",
    ],
    "word_times.py": [r"(?m)^ +1\.\d\d +[12]\.\d\d  morning$", r"WEBVTT\n\n00:00:00\.\d{3} --> 00:00:0[12]\.\d{3}\n"],
}
WRITTEN = {
    "captioned_video.py": ["talk.flac", "talk.mp4"],
    "chinese.py": ["图书馆.mp3", "水果.mp3"],
    "first_steps.py": ["hello.mp3", "talk.mp4"],
    "origin_trail.py": ["talk.png", "talk.txt", "talk.txt.origin.json"],
    "table_to_chart.py": ["prices.png", "prices.mp3"],
    "word_times.py": ["talk.srt", "talk.vtt", "talk.tsv", "talk.json"],
}


def test_each_example_has_an_expectation():
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_example_prints_what_it_promises(name, tmp_path):
    bare = {"VIVAVOCE_HOME": str(tmp_path / "home"), "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    folder = tmp_path / "work"
    folder.mkdir()
    command = [sys.executable, "-W", "error", str(EXAMPLES / name), str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env={**os.environ, **bare}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for pattern in EXPECTED[name]:
        assert re.search(pattern, done.stdout), f"{pattern} is not in\n{done.stdout}"
    for file in WRITTEN.get(name, []):
        assert (folder / file).stat().st_size > 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_example_is_short_and_says_what_it_shows(path):
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= LONGEST_LINES.get(path.name, MOST_LINES)
    assert lines[0].startswith('"""') and lines[0].rstrip('"')[-1] in ".。"
    header = path.read_text("utf-8").split('"""')[1]
    assert re.search(r"Makes its own|needs no input", " ".join(header.split()))
