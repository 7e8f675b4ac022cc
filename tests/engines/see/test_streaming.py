import threading

from vivavoce.engines.see.streaming import Words


class Ids(list):
    def flatten(self):
        return self

    def tolist(self):
        return list(self)


class Bytes:
    """A tokenizer whose tokens are bytes; 0 is a special token."""

    def decode(self, ids, skip_special_tokens):
        assert skip_special_tokens
        return bytes(number for number in ids if number).decode(errors="replace")


def streamed(data, prompt=b"prompt"):
    words = Words(Bytes())
    words.put(Ids(prompt))
    for number in data:
        words.put(Ids([number]))
    words.end()
    return list(words)


def test_letters_of_several_bytes_come_whole():
    assert streamed("né好😀!".encode()) == ["n", "é", "好", "😀", "!"]


def test_bytes_that_make_no_letter_come_with_what_follows_and_at_the_end():
    assert streamed(b"a\xffb\xe5\xa5") == ["a", "\ufffdb", "\ufffd"]


def test_the_prompt_and_special_tokens_are_left_out():
    assert streamed(b"a\x00b\x00") == ["a", "b"]
    assert streamed(b"") == []


def test_words_come_while_others_are_made():
    words = Words(Bytes())
    words.put(Ids(b"prompt"))
    words.put(Ids(b"a"))
    stream = iter(words)
    assert next(stream) == "a"
    threading.Timer(0.05, lambda: (words.put(Ids(b"b")), words.end())).start()
    assert list(stream) == ["b"]
