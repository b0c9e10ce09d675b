"use strict";
const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM] = [560, 250, 66, 12, 10, 26];

function made(name, attributes, parent, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

const short = (value) => (value === null ? "none" : String(Number(value.toPrecision(4))));

// Positive numbers over more than three decades are drawn by their logarithm.
function scaleOf(values) {
  const least = Math.min(...values), most = Math.max(...values);
  const byPower = least > 0 && most / least > 1000;
  const of = byPower ? Math.log10 : (v) => v;
  const room = (of(most) - of(least) || Math.abs(of(most)) || 1) * 0.05;
  const [bottom, top] = [of(least) - room, of(most) + room];
  const place = (v) => HIGH - BOTTOM - ((of(v) - bottom) / (top - bottom)) * (HIGH - TOP - BOTTOM);
  return { place, byPower, marks: round(bottom, top).map((m) => (byPower ? 10 ** m : m)) };
}

// Round numbers between two ends, a handful.
function round(low, high) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough);
  const marks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) marks.push(i * step);
  return marks;
}

function drawn(chart) {
  const box = document.createElement("div");
  box.className = "chart";
  const title = document.createElement("h3");
  title.textContent = chart.title;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", chart.title);
  const told = document.createElement("p");
  box.append(title, svg, told);
  const values = chart.series.flatMap((s) => s.values.filter((v) => v !== null));
  if (!values.length) {
    told.textContent = "nothing finite was logged";
    return box;
  }
  const last = Math.max(1, ...chart.series.flatMap((s) => s.steps));
  const across = (step) => LEFT + (step / last) * (WIDE - LEFT - RIGHT);
  const { place, marks, byPower } = scaleOf(values);
  if (byPower) title.textContent += " (logarithmic)";
  for (const mark of marks) {
    made("line", { x1: LEFT, x2: WIDE - RIGHT, y1: place(mark), y2: place(mark), class: "grid" }, svg);
    made("text", { x: LEFT - 6, y: place(mark) + 4, "text-anchor": "end" }, svg, short(mark));
  }
  for (const share of [0, 0.5, 1]) {
    const anchor = share === 1 ? "end" : share ? "middle" : "start";
    made("text", { x: across(share * last), y: HIGH - 8, "text-anchor": anchor }, svg, Math.round(share * last));
  }
  for (const event of chart.events) {
    const line = made("line", { x1: across(event.step), x2: across(event.step), y1: TOP, y2: HIGH - BOTTOM, class: "event" }, svg);
    made("title", {}, line, `step ${event.step}: ${event.text}`);
  }
  for (const series of chart.series) {
    let path = "", pen = "M";
    series.values.forEach((value, i) => {
      if (value === null) { pen = "M"; return; }
      path += `${pen}${across(series.steps[i]).toFixed(1)} ${place(value).toFixed(1)}`;
      pen = "L";
    });
    made("path", { d: path, stroke: series.colour }, svg);
  }
  const at = made("line", { y1: TOP, y2: HIGH - BOTTOM, x1: -9, x2: -9, class: "at" }, svg);
  tellAt(chart, told, last);
  svg.addEventListener("pointermove", (pointer) => {
    const frame = svg.getBoundingClientRect();
    const x = ((pointer.clientX - frame.left) / frame.width) * WIDE;
    const step = Math.min(last, Math.max(0, ((x - LEFT) / (WIDE - LEFT - RIGHT)) * last));
    at.setAttribute("x1", across(step));
    at.setAttribute("x2", across(step));
    tellAt(chart, told, step);
  });
  return box;
}

// Each curve's value at the logged step that is nearest.
function tellAt(chart, told, step) {
  told.replaceChildren();
  let nearest = 0;
  for (const series of chart.series) {
    let best = 0;
    series.steps.forEach((s, i) => { if (Math.abs(s - step) < Math.abs(series.steps[best] - step)) best = i; });
    nearest = series.steps[best];
    const part = document.createElement("span");
    part.className = "key";
    const dot = document.createElement("i");
    dot.style.background = series.colour;
    part.append(dot, `${series.name} ${short(series.values[best])}`);
    told.append(part);
  }
  told.prepend(`step ${nearest}: `);
}

function filmed(figure) {
  const images = [...figure.querySelectorAll("img")];
  const slider = figure.querySelector("input"), button = figure.querySelector("button");
  let timer = null;
  const show = () => {
    images.forEach((image, i) => { image.hidden = i !== Number(slider.value); });
    figure.querySelector("output").textContent = `samples at step ${images[slider.value].dataset.step}`;
  };
  const stop = () => { clearInterval(timer); timer = null; button.textContent = "play"; };
  slider.addEventListener("input", () => { stop(); show(); });
  button.addEventListener("click", () => {
    if (timer !== null) return stop();
    button.textContent = "stop";
    if (Number(slider.value) === images.length - 1) slider.value = 0;
    show();
    timer = setInterval(() => {
      if (Number(slider.value) === images.length - 1) return stop();
      slider.value = Number(slider.value) + 1;
      show();
    }, 300);
  });
}

document.querySelectorAll(".film").forEach(filmed);
document.getElementById("charts").append(...JSON.parse(document.getElementById("numbers").textContent).map(drawn));
