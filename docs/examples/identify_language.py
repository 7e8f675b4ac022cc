"""Which language a text is in. Makes its own texts."""

import vivavoce as vv

for text in ("Where is the railway station, please?", "Wo ist hier der nächste Bahnhof?", "请问火车站在哪里？"):
    code, probability = vv.identify_language(text)
    print(f"{code} {probability:.2f}  {text}")
