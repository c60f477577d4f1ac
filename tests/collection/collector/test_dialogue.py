"""What is kept of a dialogue: words of any language, bytes without secrets, times."""

from faza.collection.drivers.dialogue import MOST_BYTES, MOST_LINES, Dialogue
from faza.collection.polling import dialogues
from faza.collection.polling.dialogues import Id, told
from faza.collection.polling.work import Kind
from tests.collection.collector.ends import device, meter, talked, task

RUSSIAN = {"Reading: %(what)s": "Чтение: %(what)s", "clock": "часы", "rows: %(n)s": "строк: %(n)s"}


def translated(words: str) -> str:
    return told(words, lambda id: RUSSIAN.get(id, id))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_words_keep_their_ids_so_that_a_reader_gets_them_in_the_own_language():
    words = Id("Reading: %(what)s") % {"what": Id("clock")}
    assert told(words) == "Reading: clock"
    assert translated(words) == "Чтение: часы"
    assert translated(f"{words}; {Id('rows: %(n)s') % {'n': 48}}") == "Чтение: часы; строк: 48"


def test_words_that_were_cut_or_forged_by_a_meter_are_told_as_far_as_they_go():
    words = Id("Reading: %(what)s") % {"what": Id("clock")}
    assert translated(words[:-4])
    assert told("100 % \x02%(x)s\x1fy\x1e1\x03") == "100 % %(x)s 1"
    assert told("\x02\x03") == ""


def test_bytes_belong_to_what_was_said_before_and_heard_after_and_times_to_the_answer():
    clock = Clock()
    dialogue = Dialogue(clock)
    dialogue.say("asks", "GET")
    dialogue.wrote(b"\x01\x02")
    clock.now = 0.418
    dialogue.read(b"\x03")
    dialogue.read(b"\x04\x05")
    dialogue.hear("answers", "DATA")

    asked, heard = dialogue.entries()
    assert (asked.size, asked.data, asked.ms) == (2, b"\x01\x02", None)
    assert (heard.size, heard.data, heard.ms) == (3, b"\x03\x04\x05", 418)


def test_bytes_of_a_secret_are_counted_and_not_kept_however_often_they_are_sent():
    dialogue = Dialogue(Clock())
    dialogue.say("asks for an association", "AARQ", is_secret=True)
    dialogue.wrote(b"secret")
    dialogue.pause("no answer; says it again")
    dialogue.wrote(b"secret")
    dialogue.hear("associated", "AARE")

    assert all(b"secret" not in entry.data for entry in dialogue.entries())
    assert dialogue.entries()[0].size == 6


def test_blocks_of_an_answer_are_one_line_which_plain_lines_leave_out():
    dialogue = Dialogue(Clock())
    dialogue.say("asks", "GET")
    dialogue.wrote(b"ask")
    for _ in range(18):
        dialogue.read(b"block")
        dialogue.part()
        dialogue.wrote(b"next")
    dialogue.read(b"last")
    dialogue.hear("rows", "DATA")

    entries = dialogue.entries()
    assert [entry.message for entry in entries] == ["GET", "BLOCK", "DATA"]
    assert entries[1].parts == 18
    assert entries[1].size == 18 * len(b"blocknext")
    assert len(dialogue.lines()) == 2


def test_long_messages_keep_their_head_and_long_dialogues_their_ends():
    dialogue = Dialogue(Clock())
    for number in range(MOST_LINES + 10):
        dialogue.say(f"asks {number}")
        dialogue.wrote(bytes(1000))
    entries = dialogue.entries()
    assert len(entries[0].data) == MOST_BYTES
    assert entries[0].size == 1000
    assert len(entries) == MOST_LINES + 1
    assert any("10 lines left out" in line for line in dialogue.lines())
    assert dialogue.lines()[-1].endswith(f"asks {MOST_LINES + 9}")


def test_what_is_kept_comes_back_and_so_do_plain_lines_of_before():
    dialogue = Dialogue(Clock())
    dialogue.say("asks for %(what)s", "GET", what="the clock")
    dialogue.wrote(b"\x00\xff")
    dialogue.hear("answers", "DATA")
    kept = dialogues.kept(dialogue.lines())
    assert dialogues.unpacked(kept) == list(dialogue.entries())
    assert dialogues.lines_of(kept) == list(dialogue.lines())

    plain = dialogues.kept(("   0.12 → asks", "… 3 lines left out"))
    assert [entry.sign for entry in dialogues.unpacked(plain)] == ["→", "·"]
    assert dialogues.lines_of(plain) == ["   0.12 → asks", "… 3 lines left out"]
    assert dialogues.unpacked(b"") == []


def test_a_session_keeps_messages_bytes_and_times_and_never_the_password():
    one = meter(max_pdu=100)
    found = talked(one, device(one, tasks=(task(Kind.CLOCK), task(Kind.PROFILE, 2))))
    entries = dialogues.unpacked(dialogues.kept(found.dialogue))

    messages = [entry.message for entry in entries]
    assert messages[:4] == ["TCP", "TCP", "AARQ", "AARE"]
    assert {"GET", "DATA", "BLOCK", "CLOCK"} <= set(messages)
    assert all(entry.ms is not None for entry in entries if entry.message == "DATA")
    assert any(entry.data for entry in entries if entry.message == "GET")
    whole = b"".join(entry.data for entry in entries)
    assert b"111111" not in whole
