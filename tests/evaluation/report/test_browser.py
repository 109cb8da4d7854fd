"""The HTML report in a real browser, offline: it loads, and its table, details and comparison work by hand and key."""

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from evaluation.report.html import write_html
from tests.conftest import require_or_skip
from tests.evaluation.report.building import MemoryRun, example, large_run, report, score, small_run, trial

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
ARMS = ("best_first", "edges", "best_last")
EVIL = "<script>window.pwned=1</script></script><img src=x onerror='window.pwned=1'>{{7*7}}${7*7}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        require_or_skip("browser", f"none of {', '.join(names)} is installed")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test where anything is logged, thrown or asked for beyond the file itself."""
    context = browser.new_context(offline=True, viewport={"width": 1300, "height": 900})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
    opened.on("pageerror", lambda error: faults.append(f"error: {error}"))
    opened.on(
        "request",
        lambda request: None if re.match("(file|data|blob):", request.url) else faults.append(f"asked: {request.url}"),
    )
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()
    assert faults == []
    assert [url for url in asked if not url.endswith("/report.html")] == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(small_run(400), tmp_path_factory.mktemp("small"))


def written(trials: MemoryRun, folder: Path, **more: object) -> Path:
    write_html(trials, report(**more), folder / "report.html", scores_of=score)
    return folder / "report.html"


def opened(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_function("document.getElementById('count').textContent.includes(' of ')")


def first_rows(page: Page, column: int, count: int = 5) -> list[str]:
    """What stands in a column of the first rows."""
    return [page.locator(f"tr[data-place='{row}'] td").nth(column).inner_text() for row in range(count)]


def test_it_opens_with_verdict_figures_tables_and_trials(page: Page, small: Path) -> None:
    opened(page, small)
    expect(page.locator("#verdict")).to_contain_text("edges vs best_first: +1.1 points")
    assert page.locator("figure svg").count() == 5
    assert page.locator("#tables caption").count() >= 3
    expect(page.locator("#count")).to_have_text("1,200 of 1,200 trials")
    assert 10 < page.locator("tr[data-place]").count() < 60


def test_a_mark_of_a_figure_says_its_numbers(page: Page, small: Path) -> None:
    opened(page, small)
    page.locator("#figure-position [aria-label*='position 10']").first.hover()
    expect(page.locator("#tip")).to_contain_text("59.0 % [54.5, 63.5], n = 200")


def test_scrolling_shows_the_rows_that_are_there(page: Page, small: Path) -> None:
    opened(page, small)
    page.evaluate("document.getElementById('grid').scrollTop = 600 * 38")
    row = page.locator("tr[data-place='600']")
    expect(row).to_contain_text("q200")
    assert row.get_attribute("aria-rowindex") == "602"
    assert page.locator("tr[data-place='0']").count() == 0


def test_headings_sort_down_up_and_not_at_all(page: Page, small: Path) -> None:
    opened(page, small)
    heading = page.locator("th", has_text="sub_span")
    for order, wanted in (("descending", "1"), ("ascending", "0")):
        heading.locator("button").click()
        expect(heading).to_have_attribute("aria-sort", order)
        assert first_rows(page, 3) == [wanted] * 5
    heading.locator("button").click()
    expect(heading).to_have_attribute("aria-sort", "none")
    assert first_rows(page, 1, 3) == list(ARMS)


def test_filters_join(page: Page, small: Path) -> None:
    """edges is wrong where the number of the question leaves 1 on division by 3: 133 of 400."""
    opened(page, small)
    page.select_option("#arm", label="edges")
    expect(page.locator("#count")).to_have_text("400 of 1,200 trials")
    page.select_option("#score", label="below 1")
    expect(page.locator("#count")).to_have_text("133 of 1,200 trials")
    page.fill("#search", "COUNTRY 397 oslo")
    expect(page.locator("#count")).to_have_text("1 of 1,200 trials")
    page.fill("#search", "paris oslo nowhere")
    expect(page.locator("#count")).to_have_text("0 of 1,200 trials")
    assert page.locator("tr[data-place]").count() == 0


def test_outcomes_that_did_not_occur_are_not_offered(page: Page, tmp_path: Path) -> None:
    run = small_run(3)
    cut = replace(run.rows[4], finish="unfinished_thinking", answer=None)
    opened(page, written(replace(run, rows=(*run.rows[:4], cut, *run.rows[5:])), tmp_path))
    assert page.locator("#finish option").all_inner_texts() == ["all", "answered", "still thinking"]
    page.select_option("#finish", label="still thinking")
    expect(page.locator("#count")).to_have_text("1 of 9 trials")
    page.locator("tr[data-place='0']").click()
    expect(page.locator("dialog")).to_contain_text("No answer: still thinking")
    expect(page.locator("dialog .scores")).to_contain_text("unfinished_thinking")


def test_a_row_opens_question_answer_scores_thinking_and_context(page: Page, small: Path) -> None:
    opened(page, small)
    page.fill("#search", "country 7?")
    page.locator("tr[data-place]", has_text="best_last").first.click()
    dialog = page.locator("dialog")
    expect(dialog.locator("h2")).to_have_text("What is the capital of country 7?")
    expect(dialog.locator(".chip")).to_have_text("Paris")
    expect(dialog.locator(".answer")).to_have_text("The capital is Paris. [1]")
    expect(dialog.locator(".answer mark")).to_have_text("Paris")
    expect(dialog.locator(".scores")).to_contain_text("token_f1")
    expect(dialog.locator(".thinking .text")).to_be_hidden()
    dialog.locator(".thinking summary").click()
    expect(dialog.locator(".thinking .text")).to_have_text("Let me look at the passages.")
    slots = dialog.locator(".slot")
    assert [slot.split("\n")[0] for slot in slots.all_inner_texts()] == ["[1]", "[2]", "[3]"]
    expect(slots.nth(2)).to_have_class("slot gold")
    expect(slots.nth(2)).to_contain_text("rank 1")
    expect(slots.nth(2).locator(".text")).to_have_text("The capital of country 7 is Paris, says note 7.")
    expect(slots.nth(0).locator(".kind")).to_have_text("hard distractor")
    expect(slots.nth(0).locator(".text")).to_be_hidden()


def test_keys_walk_open_step_and_close(page: Page, small: Path) -> None:
    opened(page, small)
    page.locator("tr[data-place='0']").focus()
    for key in ("ArrowDown", "ArrowDown", "PageDown", "ArrowUp", "Home", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("dialog h3")).to_have_text("edges")
    page.keyboard.press("ArrowRight")
    expect(page.locator("dialog h3")).to_have_text("best_last")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("tr[data-place='2']")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("tr[data-place='1199']")).to_be_focused()


def test_two_arms_side_by_side_and_only_what_flipped(page: Page, small: Path) -> None:
    """best_first is wrong in each third question from 0, edges from 1: 134 gained, 133 lost, 133 the same."""
    opened(page, small)
    page.get_by_role("button", name="Two arms side by side").click()
    expect(page.locator("#count")).to_have_text("400 of 400 questions: 134 gained, 133 lost")
    page.get_by_label("Show only questions that flipped").check()
    expect(page.locator("#count")).to_have_text("267 of 400 questions: 134 gained, 133 lost")
    assert first_rows(page, 5, 3) == ["▲ +1", "▼ −1", "▲ +1"]
    page.locator("tr[data-place='1']").click()
    expect(page.locator("dialog")).to_be_visible()
    panes = page.locator("dialog .pane")
    assert panes.locator("h3").all_inner_texts() == ["best_first", "edges"]
    assert panes.locator(".answer").all_inner_texts() == ["The capital is Paris. [1]", "The capital is Oslo. [1]"]
    page.keyboard.press("Escape")
    page.select_option("#second", label="best_last")
    expect(page.locator("#count")).to_have_text("134 of 400 questions: 134 gained, 0 lost")
    page.get_by_role("button", name="All trials").click()
    expect(page.locator("#count")).to_have_text("1,200 of 1,200 trials")


def test_samples_of_a_pair_are_averaged_and_can_be_looked_into(page: Page, tmp_path: Path) -> None:
    run = small_run(1, arms=("best_first", "edges"))
    ranking = run.rankings["q0"]
    rows = tuple(
        trial(arm, ranking, answer, sample=sample)
        for arm, answers in (("best_first", ("Paris", "Oslo")), ("edges", ("Paris", "It is Paris")))
        for sample, answer in enumerate(answers, start=1)
    )
    manifest = replace(run.manifest, design=replace(run.manifest.design, samples=2))
    opened(page, written(replace(run, rows=rows, manifest=manifest), tmp_path))
    expect(page.locator("th", has_text="Sample")).to_be_visible()
    page.get_by_role("button", name="Two arms side by side").click()
    assert first_rows(page, 1, 1) == ["0.50"]
    assert first_rows(page, 5, 1) == ["▲ +0.50"]
    page.locator("tr[data-place='0']").click()
    pane = page.locator("dialog .pane").nth(1)
    pane.get_by_label("Sample").select_option(label="2")
    expect(pane.locator(".answer")).to_have_text("It is Paris")


def test_untrusted_text_stays_text(page: Page, tmp_path: Path) -> None:
    asked, ranking = example(EVIL, EVIL, [EVIL, EVIL])
    asked = replace(asked, answers=(EVIL,))
    rows = (
        trial(EVIL, ranking, EVIL, reasoning=EVIL),
        trial("edges", ranking, None, reasoning=EVIL, finish="failed", error=EVIL),
    )
    run = small_run(1, arms=(EVIL, "edges"))
    run = replace(run, rows=rows, questions=(asked,), rankings={EVIL: ranking})
    path = written(run, tmp_path, run=EVIL, headline=(EVIL,), warnings=(EVIL,), facts=((EVIL, EVIL),))
    opened(page, path)
    expect(page.locator("h1")).to_have_text(EVIL)
    assert EVIL in page.locator("tr[data-place='0'] td").first.inner_text()
    page.locator("tr[data-place='0']").click()
    dialog = page.locator("dialog")
    expect(dialog.locator("h2")).to_have_text(EVIL)
    expect(dialog.locator("h3")).to_have_text(EVIL)
    expect(dialog.locator(".answer")).to_have_text(EVIL)
    expect(dialog.locator(".slot.gold .text")).to_have_text(EVIL)
    dialog.locator(".thinking summary").click()
    expect(dialog.locator(".thinking .text")).to_have_text(EVIL)
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".none")).to_have_text(f"No answer: {EVIL}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Two arms side by side").click()
    page.locator("tr[data-place='0']").click()
    expect(dialog.locator(".pane").nth(1)).to_contain_text(EVIL)
    assert page.evaluate("window.pwned") is None
    assert page.locator("main img, dialog img, main script, dialog script").count() == 0


def test_a_file_that_is_cut_off_says_so_and_still_lists_its_trials(page: Page, tmp_path: Path) -> None:
    path = written(small_run(40), tmp_path)
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[: whole.index('<script type="application/octet-stream" id="trial-1"')], encoding="utf-8")
    opened(page, path)
    page.locator("tr[data-place='0']").focus()
    for key in ("End", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#count")).to_contain_text("the file is not whole, trial-1 is missing")


def test_the_page_fits_a_phone_and_paper(page: Page, small: Path) -> None:
    page.set_viewport_size({"width": 420, "height": 800})
    opened(page, small)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.emulate_media(media="print")
    expect(page.locator("#trials")).to_be_hidden()
    expect(page.locator("#verdict")).to_be_visible()


@pytest.mark.slow
def test_twenty_thousand_trials_with_contexts_of_3000_tokens(page: Page, tmp_path: Path) -> None:
    """2,300 words are about 3,000 tokens. How long it takes is printed, not asserted: machines are noisy."""
    run = large_run(20_000, arms=(*ARMS, "middle"), words=2300)
    began = time.perf_counter()
    path = written(run, tmp_path)
    wrote = time.perf_counter() - began
    assert path.stat().st_size < 100_000_000
    began = time.perf_counter()
    opened(page, path)
    page.locator("tr[data-place='0']").wait_for()
    shown = time.perf_counter() - began
    print(f"written in {wrote:.1f} s, {path.stat().st_size / 1e6:.0f} MB, whole and shown in {shown:.2f} s")
    expect(page.locator("#count")).to_have_text("20,000 of 20,000 trials")
    page.evaluate("document.getElementById('grid').scrollTop = 10001 * 38")
    page.locator("tr[data-place='10001']").click()
    expect(page.locator("dialog .answer")).to_have_text(run.rows[10_001].answer or "")
    passages = run.passages(run.rows[10_001].context)
    assert page.locator("dialog .slot .text").all_text_contents() == [passage.text for passage in passages.values()]
