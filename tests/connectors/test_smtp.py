"""E-mail over SMTP against real servers: what arrives, and what every way of failing means (RELIABILITY F32)."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flowstudio.connectors.base import Answer, Tools
from flowstudio.connectors.mailer import Mail, message_id
from flowstudio.connectors.registry import action, build_tools
from flowstudio.connectors.smtp import SmtpMailer
from flowstudio.domain.errors import ConnectorError
from flowstudio.sandbox.transport import SandboxTransport
from tests.connectors.conftest import KeptMails, asked
from tests.connectors.mail_servers import CUT, SILENT, certificate, post_office, scripted

FROM = "flowstudio <hello@flowstudio.example>"
WELCOME = {"to": "ada@acme.example", "subject": "Welcome, Ada", "body": "Hello **Ada**", "format": "markdown"}


def product(url: str, sender: str = FROM, **more: Any) -> Tools:
    """The tools that the product builds from these settings."""
    settings = SimpleNamespace(
        FLOWSTUDIO_SMTP_URL=url, FLOWSTUDIO_MAIL_FROM=sender, FLOWSTUDIO_WAREHOUSE_URL="", DATA_DIR=Path("nowhere"),
        FLOWSTUDIO_EGRESS_ALLOW=[], FLOWSTUDIO_EGRESS_PROXY="",
    )  # fmt: skip
    return build_tools(settings, mailer=KeptMails(), **more)


async def mailed(port: int, params: dict[str, Any] | None = None, *, sender: str = FROM, **more: Any) -> Answer:
    tools = product(f"smtp://127.0.0.1:{port}", sender)
    return await action("email.send")[1].call(asked({**WELCOME, **(params or {})}, **more), tools)


async def failing(url: str, *, tls: ssl.SSLContext | None = None, deadline_s: float = 5.0) -> ConnectorError:
    mailer = SmtpMailer(url, FROM, tls=tls)
    with pytest.raises(ConnectorError) as caught:
        await mailer.send(mail(deadline_s=deadline_s))
    return caught.value


def mail(**more: Any) -> Mail:
    given = {
        "key": "k-1", "workspace": "w", "run": "r", "node": "n", "customer": "c", "to": "ada@acme.example",
        "subject": "Hello", "html": "<p>Hello</p>", "text": "Hello\n",
    }  # fmt: skip
    return Mail(**{**given, **more})


# What arrives


async def test_the_delivered_message() -> None:
    async with post_office() as post:
        got = await mailed(post.port, {"category": "onboarding"})
    envelope, message = post.arrived[0], post.message()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@flowstudio.example", ["ada@acme.example"])
    assert str(message["From"]) == "flowstudio <hello@flowstudio.example>"
    assert str(message["To"]) == "ada@acme.example"
    assert str(message["Subject"]) == "Welcome, Ada"
    assert str(message["X-Flowstudio-Category"]) == "onboarding"
    assert str(message["Message-ID"]) == got.effect_id == got.output["message_id"]
    assert abs(parsedate_to_datetime(str(message["Date"])) - datetime.now(UTC)) < timedelta(minutes=1)
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().strip() == "Hello Ada"
    assert "<strong>Ada</strong>" in html.get_content()
    assert got.port == "out"


async def test_a_repeat_of_a_step_is_recognised_by_its_message_id() -> None:
    async with post_office() as post:
        first = await mailed(post.port, key="step-1", attempt=1)
        again = await mailed(post.port, key="step-1", attempt=2)
        other = await mailed(post.port, key="step-2")
    assert first.effect_id == again.effect_id != other.effect_id
    assert re.fullmatch(r"<[0-9a-f]{40}@flowstudio\.example>", first.effect_id)
    assert len(post.arrived) == 3


@pytest.mark.parametrize("subject", ["Grüße aus Köln 🚀", "日本語の件名" * 20, "a" * 300, "Hi  there"])
async def test_subjects_come_out_as_they_went_in(subject: str) -> None:
    async with post_office() as post:
        await mailed(post.port, {"subject": subject})
    assert post.raw().isascii()
    assert str(post.message()["Subject"]) == subject


async def test_names_with_umlauts_commas_and_emoji() -> None:
    sender = '"Zoë Müller, Größe XL 🚀" <hallo@bücher.example>'
    async with post_office() as post:
        await mailed(post.port, {"to": '"Löve, Ada 🚀" <ada@bücher.example>'}, sender=sender)
    assert post.raw().isascii()
    (address,) = post.message()["From"].addresses
    assert (address.display_name, address.addr_spec) == ("Zoë Müller, Größe XL 🚀", "hallo@xn--bcher-kva.example")
    assert post.arrived[0].rcpt_tos == ["ada@xn--bcher-kva.example"]
    assert post.arrived[0].mail_from == "hallo@xn--bcher-kva.example"
    assert str(post.message()["Message-ID"]).endswith("@xn--bcher-kva.example>")


@pytest.mark.parametrize(
    "body",
    [
        "Grüße 🚀",
        "x" * 5_000,
        "one\n\n.\n\n..two\n\nFrom here",
        "a<br>b",
        "{% raw %}",
        "é" * 2_000 + "\n\n" + "word " * 1_000,
    ],
)
async def test_bodies_are_whole_and_no_line_is_too_long(body: str) -> None:
    async with post_office() as post:
        await mailed(post.port, {"body": body})
    lines = post.raw().split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert post.raw().isascii()
    text, html = post.message().iter_parts()
    for part in (text, html):
        said = part.get_content()
        for word in re.findall(r"[\wé🚀]+", body.replace("<br>", " ")):
            assert word in said


async def test_dots_line_ends_and_smuggled_ends_of_the_message() -> None:
    """A text that looks like the end of the message stays a text (SMTP smuggling)."""
    evil = "one\r.\r\nMAIL FROM:<evil@acme.example>\n.\nRCPT\r\n.\r\nlast"
    async with post_office() as post:
        await SmtpMailer(f"smtp://127.0.0.1:{post.port}", FROM).send(mail(text=evil, html=""))
    assert post.message().get_content().splitlines() == evil.splitlines()
    assert post.arrived[0].mail_from == "hello@flowstudio.example"


async def test_s29_a_long_unsubscribe_address_is_one_that_mail_programs_can_read() -> None:
    """Python's own folding would write it as an encoded word, which no mail program takes for an address."""
    where = f"<https://flows.acme.example/u/{'t0ken' * 40}>, <mailto:out@acme.example?subject={'x' * 60}>"
    headers = {"List-Unsubscribe": where, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    async with post_office() as post:
        await SmtpMailer(f"smtp://127.0.0.1:{post.port}", FROM).send(mail(headers=headers))
    head = post.raw().split(b"\r\n\r\n")[0].decode("ascii")
    unfolded = head.replace("\r\n ", " ").split("\r\n")
    assert f"List-Unsubscribe: {where}" in unfolded
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in unfolded


@pytest.mark.parametrize("coded", ["=?utf-8?q?Hi=0D=0ABcc:_bob=40acme.example?=", "=?utf-8?b?SGkNCkJjYzogeA==?= Ada"])
async def test_s11_encoded_words_smuggle_no_headers(coded: str) -> None:
    """A trait such as a first name may hold an encoded line break: it arrives as the text that it is."""
    async with post_office() as post:
        await mailed(post.port, {"subject": coded, "category": coded[:60]})
    assert str(make_header(decode_header(BytesParser().parsebytes(post.raw())["Subject"]))) == coded
    assert re.findall(rb"(?mi)^([a-z-]+):", post.raw().split(b"\r\n\r\n")[0]) == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"X-Flowstudio-Category", b"MIME-Version", b"Content-Type",
    ]  # fmt: skip


# Refused before anything leaves


@pytest.mark.parametrize(
    "params",
    [
        {"subject": "Hi\r\nBcc: everyone@acme.example"},
        {"subject": "Hi\nX: y"},
        {"subject": "Hi\rX: y"},
        {"subject": "Hi\x00"},
        {"subject": "Hi\u2028there"},
        {"subject": "Hi \ud800"},
        {"to": "ada@acme.example\r\nBcc: bob@acme.example"},
        {"to": "ada@acme.example\nRCPT TO:<bob@acme.example>"},
        {"to": "ada@acme.example, bob@acme.example"},
        {"to": ""},
        {"to": "nobody"},
        {"to": "=?utf-8?q?a=0D=0ABcc?=@acme.example"},
        {"category": "a\r\nBcc: bob@acme.example"},
        {"subject": " "},
        {"body": " "},
        {"body": "ü" * 200_000},
    ],
)
async def test_s11_headers_cannot_be_injected(params: dict[str, str]) -> None:
    async with post_office() as post:
        with pytest.raises(ConnectorError) as caught:
            await mailed(post.port, params)
    assert (caught.value.error_class, caught.value.retryable, caught.value.sent) == ("input", False, "no")
    assert post.arrived == []


@pytest.mark.parametrize("name", ["Bcc", "from", "Message-Id", "Date", "X: y\r\nBcc", "X Y"])
async def test_s11_headers_that_are_not_the_callers(name: str) -> None:
    async with post_office() as post:
        with pytest.raises(ConnectorError) as caught:
            await SmtpMailer(f"smtp://127.0.0.1:{post.port}", FROM).send(mail(headers={name: "bob@acme.example"}))
    assert (caught.value.error_class, caught.value.sent, post.arrived) == ("input", "no", [])


# Refusals of the server


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [421, 450, 451, 452])
async def test_f32_4xx_is_tried_again(stage: str, code: int) -> None:
    async with post_office({stage: f"{code} 4.7.1 Greylisted, come back later"}) as post:
        error = await failing(f"smtp://127.0.0.1:{post.port}")
    assert (error.error_class, error.retryable, error.sent, error.status) == (f"smtp_{code}", True, "answered", code)
    assert "try again later" in error.message
    assert "Greylisted" in error.detail


@pytest.mark.parametrize(
    ("stage", "code", "sentence"),
    [
        ("RCPT", 550, "takes no mail for ada@acme.example. Check this customer's e-mail address"),
        ("RCPT", 553, "takes no mail for ada@acme.example"),
        ("MAIL", 550, "does not let flowstudio send from this address. Check FLOWSTUDIO_MAIL_FROM"),
        ("DATA", 554, "refused this message for good. Check its text, links and size"),
        ("DATA", 552, "refused this message for good"),
    ],
)
async def test_f32_5xx_is_final_and_says_what_to_do(stage: str, code: int, sentence: str) -> None:
    async with post_office({stage: f"{code} 5.1.1 No"}) as post:
        error = await failing(f"smtp://127.0.0.1:{post.port}")
    assert (error.error_class, error.retryable, error.sent, error.status) == (f"smtp_{code}", False, "answered", code)
    assert sentence in error.message
    assert error.message.endswith(f"(code {code}).")


@pytest.mark.parametrize(("said", "retryable"), [("421 too many connections", True), ("554 you are listed", False)])
async def test_a_server_that_does_not_let_us_in(said: str, *, retryable: bool) -> None:
    async with scripted(hello=said) as server:
        error = await failing(f"smtp://127.0.0.1:{server.port}")
    assert (error.retryable, error.sent, error.status) == (retryable, "answered", int(said[:3]))


async def test_a_refusal_in_bytes_that_are_no_text() -> None:
    async with scripted(RCPT="550 kein Empf\udce4nger") as server:
        error = await failing(f"smtp://127.0.0.1:{server.port}")
    error.detail.encode()
    assert error.status == 550


# Broken connections


async def test_f32_cut_after_the_message_is_unknown() -> None:
    async with scripted(end=CUT) as server:
        error = await failing(f"smtp://127.0.0.1:{server.port}")
    assert (error.error_class, error.sent) == ("smtp_cut", "maybe")
    assert "may have been sent" in error.message
    # The mailer itself never repeats: whether to is the engine's to judge.
    assert len(server.bodies) == 1


async def test_f32_no_answer_after_the_message_is_unknown() -> None:
    async with scripted(end=SILENT) as server:
        started = time.monotonic()
        error = await failing(f"smtp://127.0.0.1:{server.port}", deadline_s=0.4)
    assert (error.error_class, error.sent) == ("timeout", "maybe")
    assert time.monotonic() - started < 1.5


async def test_nonsense_after_the_message_is_unknown() -> None:
    async with scripted(end="what?") as server:
        error = await failing(f"smtp://127.0.0.1:{server.port}")
    assert error.sent == "maybe"


@pytest.mark.parametrize("stage", ["hello", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_cut_before_the_message_is_safe_to_repeat(stage: str) -> None:
    async with scripted(**{stage: CUT}, HELO=CUT) as server:
        error = await failing(f"smtp://127.0.0.1:{server.port}")
    assert (error.error_class, error.retryable, error.sent, server.bodies) == ("connect", True, "no", [])


@pytest.mark.parametrize("stage", ["hello", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_slow_server_ends_at_the_deadline(stage: str) -> None:
    async with scripted(**{stage: SILENT}) as server:
        started = time.monotonic()
        error = await failing(f"smtp://127.0.0.1:{server.port}", deadline_s=0.3)
    assert (error.error_class, error.retryable, error.sent) == ("timeout", True, "no")
    assert "did not answer within 0.3 seconds" in error.message
    assert time.monotonic() - started < 1.5


async def test_the_deadline_is_the_steps_not_the_mailers() -> None:
    async with scripted(hello=SILENT) as server:
        with pytest.raises(ConnectorError) as caught:
            await mailed(server.port, deadline_s=0.2)
    assert caught.value.error_class == "timeout"


@pytest.mark.parametrize("said", [CUT, SILENT, "500 no"])
async def test_a_bad_goodbye_changes_nothing(said: str) -> None:
    async with scripted(QUIT=said) as server:
        started = time.monotonic()
        sent = await SmtpMailer(f"smtp://127.0.0.1:{server.port}", FROM).send(mail(deadline_s=1.0))
    assert sent == message_id("k-1", FROM)
    assert len(server.bodies) == 1
    assert time.monotonic() - started < 1.2


async def test_nobody_listens() -> None:
    async with scripted() as server:
        port = server.port
    error = await failing(f"smtp://127.0.0.1:{port}")
    assert (error.error_class, error.retryable, error.sent) == ("connect", True, "no")
    assert error.message == "The mail server cannot be reached."


async def test_what_answers_is_no_mail_server() -> None:
    async with scripted(hello="HTTP/1.1 400 Bad Request") as server:
        error = await failing(f"smtp://127.0.0.1:{server.port}")
    assert (error.error_class, error.retryable, error.sent) == ("bad_answer", True, "no")


# TLS and names


async def test_tls_by_upgrade_and_from_the_start(tmp_path: Path) -> None:
    served, trusting = certificate(tmp_path)
    async with post_office(tls_context=served) as post:
        for scheme in ("smtp", "smtp+starttls"):
            mailer = SmtpMailer(f"{scheme}://ada:p%40ss%2Fword@127.0.0.1:{post.port}", FROM, tls=trusting)
            await mailer.send(mail())
    assert post.logins == [b"p@ss/word"] * 2
    assert len(post.arrived) == 2
    async with post_office(implicit=served) as post:
        await SmtpMailer(f"smtps://127.0.0.1:{post.port}", FROM, tls=trusting).send(mail())
    assert len(post.arrived) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls", "smtps"])
async def test_a_certificate_that_is_not_trusted_is_refused(tmp_path: Path, scheme: str) -> None:
    served, _ = certificate(tmp_path)
    options: dict[str, Any] = {"implicit": served} if scheme == "smtps" else {"tls_context": served}
    async with post_office(**options) as post:
        error = await failing(f"{scheme}://ada:p%40ss%2Fword@127.0.0.1:{post.port}")
    assert (error.error_class, error.retryable, error.sent) == ("tls", False, "no")
    assert "self-signed certificate" in error.message
    assert (post.logins, post.arrived) == ([], [])


async def test_insisting_on_tls_never_falls_back_to_plain_text() -> None:
    async with post_office() as post:
        error = await failing(f"smtp+starttls://ada:p%40ss%2Fword@127.0.0.1:{post.port}")
    assert (error.error_class, error.sent, post.arrived, post.logins) == ("tls", "no", [], [])
    assert "offers no STARTTLS" in error.message


async def test_plain_text_where_tls_was_expected() -> None:
    async with post_office() as post:
        error = await failing(f"smtps://127.0.0.1:{post.port}")
    assert (error.error_class, error.sent, post.arrived) == ("tls", "no", [])


async def test_a_wrong_password(tmp_path: Path) -> None:
    served, trusting = certificate(tmp_path)
    async with post_office(tls_context=served) as post:
        error = await failing(f"smtp://ada:canary-secret@127.0.0.1:{post.port}", tls=trusting)
    assert (error.error_class, error.retryable, error.sent) == ("smtp_535", False, "answered")
    assert "refused the user name or password. Check FLOWSTUDIO_SMTP_URL" in error.message
    assert "canary-secret" not in f"{error} {error.detail} {error!r}"
    assert post.arrived == []


async def test_a_server_that_takes_no_names() -> None:
    async with scripted() as server:
        error = await failing(f"smtp://ada:canary-secret@127.0.0.1:{server.port}")
    assert (error.error_class, error.retryable, error.sent) == ("smtp_auth", False, "no")
    assert "canary-secret" not in f"{error} {error.detail}"


# The product's settings


async def test_many_at_once_take_turns() -> None:
    async with post_office() as post:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{post.port}", FROM, concurrent=2)
        sent = await asyncio.gather(*(mailer.send(mail(key=f"k-{n}")) for n in range(12)))
    assert len(set(sent)) == len(post.arrived) == 12


def test_no_mail_leaves_from_the_sandbox() -> None:
    assert isinstance(product("smtp://127.0.0.1:1").mailer, SmtpMailer)
    assert isinstance(product("smtp://127.0.0.1:1", transport=SandboxTransport()).mailer, KeptMails)
    assert isinstance(product("").mailer, KeptMails)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:25",
        "http://mail.test",
        "smtp://",
        "smtp:mail.test",
        "smtp://mail.test:99999",
        "smtp://mail.test:x",
        "smtp://[::1",
        "smtp://mail.test:0",
    ],
)
def test_an_address_of_no_mail_server_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="FLOWSTUDIO_SMTP_URL must look like"):
        product(url)


def test_a_sender_that_is_none_stops_the_start() -> None:
    with pytest.raises(ValueError, match="FLOWSTUDIO_MAIL_FROM must be one sender"):
        product("smtp://127.0.0.1:25", "nobody")


async def test_a_password_beyond_ascii(tmp_path: Path) -> None:
    served, trusting = certificate(tmp_path)
    async with post_office(tls_context=served) as post:
        error = await failing(f"smtp://ada:p%C3%A4ss@127.0.0.1:{post.port}", tls=trusting)
    assert error.error_class == "smtp_535"
    assert set(post.logins) == {"päss".encode()}
