"""Search by meaning: sentences as vectors, the nearest to a question first. Makes its own sentences."""

import vivavoce as vv

NOTES = [
    "The museum opens its doors at nine in the morning.",
    "Our cat sleeps on the warm radiator.",
    "Trains to the coast leave every hour.",
    "Fresh bread is baked in the village each day.",
]
QUESTION = "When does the railway go to the sea?"

notes, question = vv.embed(NOTES), vv.embed([QUESTION])[0]
likeness = notes @ question  # each vector has the length 1, so this is the cosine
for at in likeness.argsort()[::-1]:
    print(f"{likeness[at]:5.2f}  {NOTES[at]}")
