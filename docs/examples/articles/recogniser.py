"""The recogniser with timestamps: a recording of any length to text, each segment with its times.

What the original got wrong:
- default processing silently cuts the recording at 30 s: `truncation=False`, and a mask of what is sound;
- `batch_decode(skip_special_tokens=True)` drops the timestamps: `return_segments=True` keeps them;
- `generate(forced_decoder_ids=...)` is gone: `language=` and `task=`;
- a dict at another sampling rate needs torchaudio: resample before (here soxr does).

Run: python3 docs/examples/articles/recogniser.py [MODEL [RECORDING]]
MODEL is a folder or a hub repository, such as openai/whisper-tiny; without one a tiny Whisper is taken, which writes
the same sentence whatever it hears. Makes its own recording of 40 s unless one is named.
"""

import sys
from pathlib import Path

import tiny_models
from transformers import WhisperForConditionalGeneration, WhisperProcessor

import vivavoce as vv

RATE_HZ = 16_000


def ours(folder: Path, recording: vv.Audio) -> tuple[vv.Segment, ...]:
    """Return the segments, pauses left out of what the model hears."""
    return vv.transcribe(recording, language="en", engine=str(folder)).segments


def plain(folder: Path, recording: vv.Audio) -> list[vv.Segment]:
    """Return the segments, window by window of 30 s."""
    processor = WhisperProcessor.from_pretrained(folder)
    model = WhisperForConditionalGeneration.from_pretrained(folder)
    sound = {"sampling_rate": RATE_HZ, "return_tensors": "pt"}
    samples = recording.at(RATE_HZ)
    cut = processor(samples, **sound).input_features
    whole = processor(samples, **sound, truncation=False, padding="longest", return_attention_mask=True)
    print(f"frames: {cut.shape[-1]} by default, {whole.input_features.shape[-1]} in all")
    found = model.generate(**whole, language="en", task="transcribe", return_timestamps=True, return_segments=True)
    return [
        vv.Segment(processor.decode(part["tokens"], skip_special_tokens=True), float(part["start"]), float(part["end"]))
        for part in found["segments"][0]
    ]


def main(model: str = "", recording: str = "") -> None:
    sentence = "The library opens at nine in the morning. "
    audio = vv.open(recording) if recording else vv.speak(sentence * 16)
    print(f"recording: {audio.duration_s:.1f} s")
    with tiny_models.checkpoint(model, tiny_models.whisper) as folder:
        for name, segments in (("plain", plain(folder, audio)), ("ours", ours(folder, audio))):
            inside = all(0 <= part.start_s <= part.end_s <= audio.duration_s + 0.02 for part in segments)
            print(f"{name}: {len(segments)} segments, times inside the recording: {inside}")
            for part in segments[:3]:
                print(f"  {part.start_s:5.2f} {part.end_s:5.2f}  {part.text!r:.60}")


if __name__ == "__main__":
    main(*sys.argv[1:])
