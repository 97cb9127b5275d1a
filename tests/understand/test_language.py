from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understand.language import language_of

SAID = {
    "en": "The sync stops after a while and I cannot find out why it does",
    "de": "Nach dem letzten Update stürzt das Programm beim Speichern immer wieder ab",
    "fr": "Depuis la mise à jour je ne peux plus ouvrir mes fichiers sur le serveur",
    "es": "Desde ayer no puedo abrir mis archivos y el programa se cierra solo",
    "it": "Dopo l'aggiornamento il programma si chiude da solo e perde tutto il lavoro",
    "pt": "Desde ontem não consigo abrir os meus arquivos e o programa fecha sozinho",
    "nl": "Sinds de laatste versie kan ik mijn bestanden niet meer openen op de server",
    "pl": "Po ostatniej aktualizacji program zamyka się przy zapisywaniu każdego pliku",
    "tr": "Son güncellemeden sonra program dosya kaydederken her defasında çöküyor",  # noqa: RUF001 its own letter
    "ru": "После последнего обновления программа падает при сохранении файла",
    "uk": "Після останнього оновлення програма завершується, коли я зберігаю файл",
    "ar": "بعد التحديث الأخير يتوقف البرنامج عن العمل عند حفظ الملفات",
    "he": "אחרי העדכון האחרון התוכנה קורסת כל פעם שאני שומר קובץ",
    "zh": "更新之后保存文件时程序总是崩溃 请问怎么解决",
    "ja": "更新してからファイルを保存するとアプリが落ちます",
    "ko": "업데이트 후에 파일을 저장하면 프로그램이 계속 종료됩니다",
    "el": "Μετά την τελευταία ενημέρωση το πρόγραμμα κλείνει κάθε φορά που αποθηκεύω",
    "th": "หลังจากอัปเดตล่าสุดโปรแกรมปิดตัวเองทุกครั้งที่บันทึกไฟล์",
}
LOG = "ERROR could not open the file because it was not there when we looked for it\n" * 5


@pytest.mark.parametrize("code", SAID)
def test_a_sentence_tells_its_language(code: str) -> None:
    assert language_of(SAID[code], "") == code
    assert language_of("", SAID[code]) == code


@pytest.mark.parametrize("code", SAID)
@pytest.mark.parametrize(
    "around",
    [
        "{}\n\n```\n" + LOG + "```",
        "```python\n" + LOG + "```\n{}",
        "{}\n\n```\n" + LOG,  # never closed
        "https://example.org/how/to/open/the/file/when/it/is/not/there {}",
        "<!-- Please tell us what you did and what you would have expected -->\n{}",
        '<img width="10" alt="This is what it looks like" src="https://example.org/1.png"> {}',
        (
            "### Preflight Checklist\n- [x] I have searched existing issues and found none like it"
            "\n\n### What's Wrong?\n\n{}\n\n### Steps to Reproduce\n\n### Acme Version\n\n2.0.1"
        ),
        "`what is the matter with this`, `and with that`: {}",
    ],
)
def test_code_logs_addresses_and_forms_do_not_sway_it(code: str, around: str) -> None:
    assert language_of("", around.format(SAID[code])) == code


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", ""),
        ("Thank you!", ""),
        ("Push fails on big files", ""),  # five words
        ("没问题", ""),
        ("Спасибо", ""),
        ("Error", "```\n" + LOG + "```"),
        ("", "https://example.org/how/to/open/the/file/when/it/is/not/there"),
        ("", "0x7ffe 12:30:01 a.b.c /usr/lib/x foo_bar() --no-such-option v2.0.1"),
        ("", '<img width="10" alt="This is what it looks like">'),
        ("🎉🎉🎉 !!! ??? ...", "1 2 3 4 5 6 7 8"),
    ],
)
def test_too_little_prose_tells_no_language(title: str, text: str) -> None:
    assert language_of(title, text) is None


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("openclaw node run 无法创建配对请求 Gateway 返回 pairing required", "zh"),
        ("docker-compose up すると Redash の画面が真っ白になります", "ja"),
        ("The terminal shows 한글 as 한글 when I type it with the IME", "en"),
        ("Crash when a file is named 测试.md and I try to open it", "en"),
        ("The café's menu isn't shown when naïve users look at it", "en"),
        ("Don\u2019t know why it isn\u2019t there when they look for it", "en"),
    ],
)
def test_the_language_of_most_of_a_post_counts(title: str, code: str) -> None:
    assert language_of(title, "") == code


def test_a_title_in_english_over_a_body_in_another_language_is_not_enough() -> None:
    assert language_of("Duplicate plugin warning", SAID["zh"]) == "zh"
    assert language_of("[BUG] Crash on save", SAID["de"]) == "de"


def test_spanish_without_accents_is_no_english() -> None:
    text = "No puedo acceder a la cuenta, me da error a cada rato y no as entendido my caso"
    assert language_of("", text) == "es"


@given(st.text(max_size=60), st.text(max_size=300))
@settings(deadline=None)
def test_any_text_has_a_code_of_two_letters_or_none(title: str, text: str) -> None:
    found = language_of(title, text)

    assert found is None or (len(found) == 2 and found.islower())
    assert found == language_of(title, text)


def test_what_is_plainly_english_does_not_load_the_model() -> None:
    code = (
        "import sys; from bot.understand.language import language_of; "
        f"assert language_of('', {SAID['en']!r}) == 'en'; "
        "assert 'py3langid' not in sys.modules"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 our own words

    assert done.returncode == 0
