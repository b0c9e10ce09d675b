"""The page in a real browser: it loads, it moves, it asks nobody for anything."""

import json
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from saddlepoint.cli.app import main
from saddlepoint.report.page import Curve, Score, Told, page, thinned


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; the test is skipped where there is none."""
    driver = shutil.which("chromedriver")
    if driver is None:
        pytest.skip("no chromedriver: install Debian's chromium and chromium-driver to have the page looked at")
    options = webdriver.ChromeOptions()
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1300,2000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two short runs, one with an event."""
    folder = tmp_path_factory.mktemp("runs")
    for seed in (0, 1):
        told = [
            "--steps",
            20,
            "--batch",
            16,
            "--seed",
            seed,
            "--network.width",
            8,
            "--run.log_every",
            2,
            "--run.judge",
            100,
            "--watch.every",
            10,
        ]
        with pytest.raises(SystemExit) as exit:
            main([str(one) for one in ["train", "ring", *told, "--out", folder / str(seed)]])
        assert not exit.value.code
    event = {"step": 8, "text": "samples <lose> their variety", "advice": "pack them"}
    pace = {"step": 4, "look_every": 10, "text": "looks every 10 steps"}
    (folder / "0" / "events.jsonl").write_text(f"{json.dumps(pace)}\n{json.dumps(event)}\n")
    return folder


def visited(browser, file):
    """Load a page; what went wrong and what was asked for."""
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(file.as_uri())
    wrong = [entry["message"] for entry in browser.get_log("browser")]
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return wrong, [url for url in asked if not url.startswith(("data:", "chrome:"))]


def test_a_run_as_a_page(browser, folder, saddle, tmp_path):
    status, out, _ = saddle("report", folder / "0")
    assert (status, out.strip()) == (0, str(folder / "0" / "report.html"))
    wrong, asked = visited(browser, folder / "0" / "report.html")
    assert wrong == []
    assert asked == [(folder / "0" / "report.html").as_uri()], "nothing from outside"
    assert browser.title == "0"
    charts = browser.find_elements(By.CSS_SELECTOR, ".chart")
    titles = [chart.find_element(By.TAG_NAME, "h3").text.removesuffix(" (logarithmic)") for chart in charts]
    assert {"losses", "gradient norms", "terms of the discriminator", "terms of the generator"} <= set(titles)
    assert len(charts[0].find_elements(By.CSS_SELECTOR, ".event")) == 1, "how often it looks is no finding"
    assert "looks every 10 steps" in browser.find_element(By.TAG_NAME, "dl").text
    assert "samples <lose> their variety" in browser.find_element(By.CSS_SELECTOR, ".events").text
    assert "pack them" in browser.find_element(By.CSS_SELECTOR, ".events").text
    (row,) = [tr for tr in browser.find_elements(By.CSS_SELECTOR, "tr") if tr.text.startswith("modes.covered")]
    assert row.text.split()[-1] == "8"
    images = browser.find_elements(By.CSS_SELECTOR, ".film img")
    assert all(image.get_property("naturalWidth") > 100 for image in images), "the pictures are inside"


def test_the_film_plays_and_the_charts_tell_the_numbers_under_the_pointer(browser, folder, saddle):
    saddle("report", folder / "0")
    visited(browser, folder / "0" / "report.html")
    shown = lambda: [i for i in browser.find_elements(By.CSS_SELECTOR, ".film img") if i.is_displayed()]
    assert [image.get_attribute("data-step") for image in shown()] == ["20"]
    browser.find_element(By.CSS_SELECTOR, ".film button").click()
    assert [image.get_attribute("data-step") for image in shown()] == ["2"]
    WebDriverWait(browser, 20).until(lambda _: shown()[0].get_attribute("data-step") == "20")
    chart = browser.find_element(By.CSS_SELECTOR, ".chart")
    assert chart.find_element(By.TAG_NAME, "p").text.startswith("step 20:")
    svg = chart.find_element(By.TAG_NAME, "svg")
    webdriver.ActionChains(browser).move_to_element_with_offset(svg, -100, 0).perform()
    step = int(chart.find_element(By.TAG_NAME, "p").text.split(":")[0].removeprefix("step "))
    assert 2 <= step < 12


def test_runs_stand_side_by_side(browser, folder, saddle, tmp_path):
    status, _, _ = saddle("report", folder / "0", folder / "1", "-o", tmp_path / "both.html")
    assert status == 0
    wrong, asked = visited(browser, tmp_path / "both.html")
    assert wrong == []
    assert len(asked) == 1
    assert len(browser.find_elements(By.CSS_SELECTOR, ".film")) == 2
    charts = browser.find_elements(By.CSS_SELECTOR, ".chart")
    assert all(len(chart.find_elements(By.TAG_NAME, "path")) == 2 for chart in charts), "a curve for each run"
    assert len(browser.find_elements(By.CSS_SELECTOR, "thead th")) == 4


def test_a_run_on_images_that_diverged_is_a_page_too(browser, saddle, tmp_path):
    told = ["--steps", 8, "--batch", 16, "--optimizer", "sgd", "--optimizer.lr", 10, "--regularizer.r1.weight", 1e6]
    told += ["--network.width", 8, "--run.log_every", 2]
    status, _, _ = saddle("train", "digits", *told, "--run.judge", 0, "--watch.share", 0, "--out", tmp_path / "run")
    assert status == 0
    wrong, asked = visited(browser, tmp_path / "run" / "report.html")
    assert wrong == []
    assert len(asked) == 1
    assert "not finite" in browser.find_element(By.CSS_SELECTOR, ".events").text
    images = browser.find_elements(By.CSS_SELECTOR, ".film img")
    assert len(images) == 8
    assert all(image.get_property("naturalWidth") > 50 for image in images)
    charts = browser.find_elements(By.CSS_SELECTOR, ".chart")
    assert "losses" in {chart.find_element(By.TAG_NAME, "h3").text.split(" (")[0] for chart in charts}


def test_what_is_in_names_and_numbers_is_text():
    evil = "</script><script>alert(1)</script>"
    curve = Curve(f"{evil}/total", [1, 2], [0.5, None])
    made = page([Told(evil, [(evil, evil)], [curve], [{"step": 1, "text": evil}])], [Score(evil, [evil], "", [evil])])
    assert evil not in made
    assert "alert(1)" in made


def test_charts_come_in_the_order_they_are_read_without_what_was_seen_once():
    names = "d/weight", "d/gradient", "look/floor", "look/variety", "d/fake", "d/total"
    curves = [Curve(name, [1, 2], [0.5, 0.25]) for name in names]
    made = page([Told("run", [], [*curves, Curve("look/labelled", [1], [0.9])])], [])
    titles = "losses", "terms of the d", "score of the looks", "what the looks saw", "gradient norms", "weight norms"
    places = [made.index(f'"{title}"') for title in titles]
    assert places == sorted(places)
    assert "look/labelled" not in made


def test_a_long_curve_is_thinned_and_keeps_its_spikes():
    steps = list(range(10_000))
    values = [0.0] * 10_000
    values[1234], values[4321] = 7.0, -3.0
    kept, thin = thinned(steps, values)
    assert len(kept) <= 400
    assert (kept[thin.index(7.0)], kept[thin.index(-3.0)]) == (1234, 4321)
    assert thinned(steps, [None] * 10_000)[1] == [None] * 200


def test_what_is_no_run_is_one_line(refused, folder, tmp_path):
    assert "is no run folder: it has no config.toml" in refused("report", tmp_path)
    assert "cannot be written" in refused("report", folder / "0", "-o", tmp_path / "none" / "page.html")
