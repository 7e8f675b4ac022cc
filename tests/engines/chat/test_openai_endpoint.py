"""Against a real OpenAI-compatible server, and against servers on loopback that misbehave."""

import base64
import io
import json
import socket
import time
import wave

import numpy as np
import PIL.Image
import pytest

from vivavoce.engines.chat.openai_endpoint import OpenAiEndpoint
from vivavoce.engines.conversation import ChatOptions, Message, Tool, ToolCall
from vivavoce.errors import EngineError, NotReady, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image

HELLO = [Message("system", "Be brief."), Message("user", "Hello")]
GREEDY = ChatOptions(max_tokens=16, temperature=0)
QUICK = {"connect_s": 2.0, "silence_s": 2.0, "total_s": 5.0, "retries": 0, "model": "m"}
KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    for name in ("URL", "MODEL", "API_KEY"):
        monkeypatch.delenv(f"VIVAVOCE_LLM_{name}", raising=False)


def event(delta, finish=None):
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def stream(*events, pause_s=0.0):
    """Return a behaviour that streams `events` and ends the connection."""

    def behave(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for content in events:
            connection.sendall(content)
            time.sleep(pause_s)

    return behave


def status(code, body=b'{"error": {"message": "no"}}', headers=""):
    head = f"HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return lambda connection: connection.sendall(head.encode() + body)


GOOD = stream(
    event({"role": "assistant"}), event({"content": "Good"}), event({"content": " day"}, "stop"), b"data: [DONE]\n\n"
)


def ask(url, messages=HELLO, options=GREEDY, **settings):
    with OpenAiEndpoint(url=url, **{**QUICK, **settings}).open("cpu") as chat:
        return list(chat(messages, options))


# -- a real server


@pytest.mark.slow
def test_a_real_server_says_what_the_model_says(real_server):
    from vivavoce.engines.chat.causal import CausalChat
    from vivavoce.engines.checkpoint import Checkpoint

    model = Checkpoint(alias="tiny", engine="causal-lm", folder=real_server.model)
    with CausalChat(model=model).open("cpu") as local:
        expected = "".join(local(HELLO, GREEDY))
    said = ask(real_server.url, model=real_server.model, silence_s=60, total_s=120)
    assert "".join(said) == expected != ""
    assert len(said) > 3  # it streams


@pytest.mark.slow
def test_a_real_server_goes_on_after_a_reader_that_left(real_server):
    with OpenAiEndpoint(url=real_server.url, model=real_server.model).open("cpu") as chat:
        answer = chat(HELLO, ChatOptions(max_tokens=400, temperature=0))
        next(answer)
        answer.close()
        assert "".join(chat(HELLO, GREEDY))


@pytest.mark.slow
def test_a_real_server_refuses_another_model(real_server):
    with pytest.raises((NotReady, EngineError), match="chat server"):
        ask(real_server.url, model="nobody/nothing", silence_s=60, total_s=60)


# -- settings


def test_address_model_and_key_come_from_the_environment(serving, monkeypatch):
    with serving(GOOD) as server:
        monkeypatch.setenv("VIVAVOCE_LLM_URL", server.url)
        monkeypatch.setenv("VIVAVOCE_LLM_MODEL", "from-the-environment")
        monkeypatch.setenv("VIVAVOCE_LLM_API_KEY", KEY)
        assert "".join(ask("", model="")) == "Good day"
    assert server.bodies[0]["model"] == "from-the-environment"
    assert f"Bearer {KEY}" in server.requests[0]


def test_without_a_model_the_first_that_the_server_lists_is_taken(serving):
    listed = json.dumps({"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b", "object": "model"}]})
    with serving(status(200, listed.encode(), "Connection: close\r\n"), GOOD) as server:
        assert "".join(ask(server.url, model="")) == "Good day"
    assert server.requests[0].startswith("GET /v1/models") and server.bodies[1]["model"] == "a"


def test_a_server_that_lists_no_model_wants_one_named(serving):
    with serving(status(200, b'{"object": "list", "data": []}')) as server:
        with pytest.raises(EngineError, match="lists no models; name one in VIVAVOCE_LLM_MODEL"):
            ask(server.url, model="")


def test_without_an_address_the_error_says_which_variable_to_set():
    with pytest.raises(NotReady, match="run: export VIVAVOCE_LLM_URL="):
        ask("")


# -- what is sent


def test_pictures_sounds_options_and_tools_are_sent_as_the_api_spells_them(serving):
    picture = Image(np.full((3, 5, 3), 200, np.uint8))
    sound = Audio(np.linspace(-1, 1, 8000, dtype=np.float32)[:, None], 8000)
    message = Message("user", "What is this?", images=(picture,), sounds=(sound,))
    tool = Tool(name="look", description="looks", parameters='{"type": "object", "properties": {"x": {}}}')
    options = ChatOptions(max_tokens=9, temperature=0.5, top_p=0.9, seed=3, stop=("END",), tools=(tool,))
    earlier = Message("assistant", "", calls=(ToolCall(id="c1", name="look", arguments='{"x": 1}'),))
    with serving(GOOD) as server:
        ask(server.url, [message, earlier, Message("tool", "a cat", call_id="c1")], options)
    body = server.bodies[0]
    image, audio, words = body["messages"][0]["content"]
    shown = PIL.Image.open(io.BytesIO(base64.b64decode(image["image_url"]["url"].partition(",")[2])))
    assert (shown.size, shown.getpixel((0, 0))) == ((5, 3), (200, 200, 200))
    with wave.open(io.BytesIO(base64.b64decode(audio["input_audio"]["data"]))) as heard:
        assert (heard.getframerate(), heard.getnframes(), audio["input_audio"]["format"]) == (16000, 16000, "wav")
    assert words == {"type": "text", "text": "What is this?"}
    assert body["messages"][1]["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"x": 1}'}
    assert body["messages"][2] == {"role": "tool", "content": "a cat", "tool_call_id": "c1"}
    assert (body["max_tokens"], body["temperature"], body["top_p"], body["seed"], body["stop"]) == (
        9,
        0.5,
        0.9,
        3,
        ["END"],
    )
    assert body["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {"x": {}}}


def test_calls_of_tools_that_come_in_parts_are_put_together(serving):
    def part(number, **function):
        return event(
            {
                "tool_calls": [
                    {"index": number, "id": f"c{number}" if "name" in function else None, "function": function}
                ]
            }
        )

    parts = [part(0, name="f", arguments=""), part(0, arguments='{"a"'), part(1, name="g", arguments="{}")]
    with serving(
        stream(event({"content": "Hm"}), *parts, part(0, arguments=": 1}"), event({}, "tool_calls"))
    ) as server:
        assert ask(server.url) == [
            "Hm",
            ToolCall(id="c0", name="f", arguments='{"a": 1}'),
            ToolCall(id="c1", name="g", arguments="{}"),
        ]


def test_a_conversation_without_a_user_is_not_sent():
    with pytest.raises(UsageError, match="needs a message of the user"):
        ask("http://127.0.0.1:9/v1", [Message("system", "x")])


# -- servers that misbehave


def test_a_reader_that_leaves_closes_the_connection(serving):
    with serving(stream(*[event({"content": "a" * 1000})] * 500, pause_s=0.01)) as server:
        with OpenAiEndpoint(url=server.url, **QUICK).open("cpu") as chat:
            answer = chat(HELLO, GREEDY)
            next(answer)
            answer.close()
            assert server.closed.wait(5)


def test_a_server_that_is_down(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    monkeypatch.setenv("VIVAVOCE_LLM_API_KEY", KEY)
    with pytest.raises(NotReady, match=f"no chat server answers at {url}; start it") as error:
        ask(url)
    assert KEY not in str(error.value)


def test_a_server_that_never_answers_is_given_up(serving):
    with serving(lambda connection: time.sleep(3)) as server:
        began_s = time.monotonic()
        with pytest.raises(EngineError, match="too slow"):
            ask(server.url, silence_s=0.3)
        assert time.monotonic() - began_s < 2


def test_a_server_that_only_says_that_it_is_still_there_is_given_up(serving):
    with serving(stream(*[b": still there\n\n"] * 100, pause_s=0.05)) as server:
        with pytest.raises(EngineError, match=r"longer than 0\.3 s"):
            ask(server.url, silence_s=0.3)


def test_a_server_that_never_comes_to_an_end_is_given_up_and_its_words_are_kept(serving):
    heard = []
    with serving(stream(*[event({"content": "a"})] * 100, pause_s=0.05)) as server:
        with OpenAiEndpoint(url=server.url, **{**QUICK, "total_s": 0.4}).open("cpu") as chat:
            with pytest.raises(EngineError, match=r"longer than 0\.4 s"):
                heard += chat(HELLO, GREEDY)
            with pytest.raises(EngineError):
                for word in chat(HELLO, GREEDY):
                    heard.append(word)  # noqa: PERF402 - what came before the error counts
    assert len(heard) > 2


@pytest.mark.parametrize(
    "garbage",
    [
        b"<html>Welcome to my router</html>\n",
        b"data: no json\n\n",
        b"data: [1, 2]\n\n",
        b'data: {"choices": 3}\n\n',
        b'data: {"choices": [{"delta": "x"}]}\n\n',
        b'data: {"choices": [{"delta": {"tool_calls": "x"}}]}\n\n',
        b"\xff\xfe\x00\x01\n",
        b"x" * (5 * 2**20),
    ],
)
def test_garbage_is_named_as_such(serving, garbage):
    with serving(stream(garbage)) as server:
        with pytest.raises(EngineError, match="something else than OpenAI's API"):
            ask(server.url)


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nshort", b""])
def test_a_server_that_speaks_no_http_is_an_error_of_one_line(serving, answer):
    with serving(lambda connection: connection.sendall(answer)) as server:
        with pytest.raises(EngineError, match="chat server") as error:
            ask(server.url)
    assert "\n" not in str(error.value)


def test_a_stream_that_is_cut_gives_its_words_and_then_an_error(serving):
    heard = []
    with serving(stream(event({"content": "Once"}))) as server:
        with OpenAiEndpoint(url=server.url, **QUICK).open("cpu") as chat:
            with pytest.raises(EngineError, match="broke off"):
                for word in chat(HELLO, GREEDY):
                    heard.append(word)  # noqa: PERF402 - what came before the error counts
    assert heard == ["Once"]


def test_an_error_in_the_midst_of_a_stream_gives_its_reason(serving):
    with serving(stream(event({"content": "a"}), b'data: {"error": {"message": "out of memory"}}\n\n')) as server:
        with pytest.raises(EngineError, match="gave up: out of memory"):
            ask(server.url)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (401, NotReady, "refuses the key .* set VIVAVOCE_LLM_API_KEY"),
        (404, NotReady, "does not know the model “m”"),
        (429, EngineError, "too much to do"),
        (500, EngineError, "failed"),
        (400, EngineError, "refused the request .status 400: too long for sk-"),
    ],
)
def test_each_status_has_its_own_error_without_the_key(serving, monkeypatch, code, kind, words):
    monkeypatch.setenv("VIVAVOCE_LLM_API_KEY", KEY)
    body = json.dumps({"error": {"message": f"too long for {KEY}"}}).encode()
    with serving(status(code, body)) as server:
        with pytest.raises(kind, match=words.replace("sk-", "…")) as error:
            ask(server.url)
    assert KEY not in str(error.value)


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_with_too_much_to_do_is_asked_again(serving, code):
    with serving(status(code, headers="Retry-After-Ms: 10\r\nConnection: close\r\n"), GOOD) as server:
        assert "".join(ask(server.url, retries=2)) == "Good day"
    assert len(server.requests) == 2


def test_an_error_in_the_midst_of_a_stream_never_shows_the_key(serving, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_LLM_API_KEY", KEY)
    said = f'data: {{"error": {{"message": "bad key {KEY}"}}}}\n\n'.encode()
    for content in (said, f"Unauthorized: {KEY}\n".encode()):
        with serving(stream(content)) as server:
            with pytest.raises(EngineError, match="…") as error:
                ask(server.url)
        assert KEY not in str(error.value)


@pytest.mark.parametrize("before", [60, 190])
def test_a_key_is_taken_out_before_a_reason_is_cut(serving, monkeypatch, before):
    monkeypatch.setenv("VIVAVOCE_LLM_API_KEY", KEY)
    words = f"{'x' * before}{KEY}"
    refused, amid = (json.dumps({"error": {"message": words}}).encode() for _ in range(2))
    for behave in (status(400, refused), stream(b"data: " + amid + b"\n\n"), stream(words.encode() + b"\n")):
        with serving(behave) as server:
            with pytest.raises(EngineError) as error:
                ask(server.url)
        assert KEY[:6] not in str(error.value)


def test_without_a_key_the_words_of_a_server_stay_as_they_are(serving):
    with serving(status(400, b'{"error": {"message": "none of these fit"}}')) as server:
        with pytest.raises(EngineError, match="none of these fit"):
            ask(server.url)


def test_the_time_that_a_reader_takes_is_no_silence_of_the_server(serving):
    words = [event({"content": "Good"}), event({"content": " day"}, "stop"), b"data: [DONE]\n\n"]
    with serving(stream(*words, pause_s=0.05)) as server:
        with OpenAiEndpoint(url=server.url, **{**QUICK, "silence_s": 0.3, "total_s": 0.5}).open("cpu") as chat:
            heard = []
            for word in chat(HELLO, GREEDY):
                heard.append(word)
                time.sleep(0.35)
    assert "".join(heard) == "Good day"


@pytest.mark.parametrize("url", ["http://[::1", "localhost:8000", "http://", "http://a:b/v1", "ftp://a/v1"])
def test_what_is_no_address_is_said_so(url):
    with pytest.raises(UsageError, match="no address of a chat server"):
        ask(url)
