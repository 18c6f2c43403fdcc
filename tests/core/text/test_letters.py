"""Letters of texts: what has an accepted Latin form gets it, what has none stays, and lengths are those of networks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.letters import clean, first_segment, gsm, is_gsm, segments, shortened, speakable, units
from simulator.segments import segments as as_the_network_counts


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Łukasz", "Lukasz"),
        ("Đorđe Žižić", "Dorde Zizic"),
        ("Åse Øvergård", "Åse Øvergård"),
        ("Müller & Söhne, Größe", "Müller & Söhne, Größe"),
        ("İstanbul Işık Ağaç", "Istanbul Isik Agac"),
        ("Þór Œuvre ẞ", "Thor Oeuvre Ss"),
        ("Ștefan Țepeș", "Stefan Tepes"),
        ("façade À la carte", "facade A la carte"),
        ("Αθήνα ΔΕΛΤΑ", "Athina DELTA"),
        ("Ω Δ", "Ω Δ"),
        ("Москва", "Moskva"),
        ("Ａｃｍｅ ３", "Acme 3"),
        ("“Łódź” – it’s…", '"Lodz" - it\'s...'),
        ("e\u0301cole x\u030c", "école x"),
        ("No\u00a0break\u200b\u200e\u202e\ufeff", "No break"),
        ("Café ☕🏥", "Café "),
        ("🏥🏥 ☕", "hospital, hot beverage"),
        ("tab\tand\x07bell", "tab and bell"),
        ("`€ {x} [y] ~^\\|", "'€ {x} [y] ~^\\|"),
    ],
)
def test_an_accepted_latin_form(name: str, written: str) -> None:
    assert gsm(name) == written
    assert is_gsm(written)


@pytest.mark.parametrize(
    "name", ["مستشفى", "בית חולים", "東京病院", "ホテル", "서울대학교병원", "โรงพยาบาล", "अस्पताल", "؟", "？"]
)
def test_what_has_none_stays(name: str) -> None:
    """A rough guess at the sound would be a riddle, a question mark an insult."""
    assert gsm(name) == unicodedata.normalize("NFC", name)
    assert not is_gsm(gsm(name))


def test_both_in_one_name() -> None:
    assert gsm("Łódź مستشفى") == "Lodz مستشفى"


@given(st.text())
def test_no_question_mark_that_was_not_typed(text: str) -> None:
    written = gsm(text)
    assert written.count("?") == clean(text).count("?")
    assert gsm(written) == written
    assert written.isprintable() or "\n" in written or not written.replace(" ", "")


@given(st.text())
def test_spoken_words_fit_into_xml_and_lose_nothing_to_question_marks(text: str) -> None:
    spoken = speakable(text)
    assert spoken.count("?") == clean(text).count("?")
    assert all(letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cs", "Cn"} for letter in spoken)


def test_names_for_an_english_voice() -> None:
    assert speakable("Łukasz Müller") == "Łukasz Müller"
    assert speakable("Αθήνα, Москва") == "Athina, Moskva"
    assert speakable("مستشفى") == "مستشفى"


@given(st.text(alphabet=st.characters(codec="utf-8")), st.integers(0, 400))
def test_segments_are_counted_as_networks_do(text: str, repeats: int) -> None:
    body = gsm(text) * (1 + repeats % 7) + "x" * repeats
    assert segments(body) == as_the_network_counts(body)
    assert body.startswith(first_segment(body))


@pytest.mark.parametrize(
    ("body", "count", "first"),
    [
        ("a" * 160, 1, 160),
        ("a" * 161, 2, 153),
        ("€" * 80, 1, 80),
        ("€" * 81, 2, 76),
        ("a" * 306, 2, 153),
        ("م" * 70, 1, 70),
        ("م" * 71, 2, 67),
        ("🏥" * 35, 1, 35),
        ("🏥" * 36, 2, 33),
    ],
)
def test_the_borders_of_segments(body: str, count: int, first: int) -> None:
    """A sign of two septets, or a pair of UTF-16, is not torn apart."""
    assert (segments(body), len(first_segment(body))) == (count, first)


@given(st.text(min_size=1), st.integers(4, 60))
def test_shortened_names_fit_and_begin_alike(text: str, most: int) -> None:
    name = gsm(text)
    as_gsm = is_gsm(name)
    short = shortened(name, most, as_gsm=as_gsm)
    assert units(short, as_gsm=as_gsm) <= most
    assert short == name or (short.endswith("...") and name.startswith(short.removesuffix("...").rstrip()))


def test_no_accent_loses_its_letter() -> None:
    assert shortened("กี่กี่กี่", 7, as_gsm=False) == "กี่..."
