// Elements are made here only, and whatever comes from data becomes text: nothing in this page parses HTML.

const byId = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined).map(
    (child) => (child instanceof Node ? child : String(child)),
  ));
  return element;
}

function fillSelect(select, options) {
  select.replaceChildren(...options.map(([value, words]) => make("option", { value }, words)));
}

const NONE = "—";
const whole = new Intl.NumberFormat("en");

const count = (value) => (value === null || value === undefined ? NONE : whole.format(value));
const seconds = (ms) => (ms === null || ms === undefined ? NONE : (ms / 1000).toFixed(ms < 9950 ? 1 : 0));

function scoreWords(value) {
  if (value === null || value === undefined) return NONE;
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

// The text with each right answer in it marked, whatever its case.
function marked(text, answers) {
  const lower = text.toLowerCase();
  const needles = (answers || []).map((answer) => answer.trim().toLowerCase()).filter((answer) => answer.length > 1);
  if (!needles.length || lower.length !== text.length) return [text];
  const parts = [];
  let done = 0;
  for (;;) {
    let start = -1;
    let length = 0;
    for (const needle of needles) {
      const found = lower.indexOf(needle, done);
      if (found >= 0 && (start < 0 || found < start || (found === start && needle.length > length))) {
        start = found;
        length = needle.length;
      }
    }
    if (start < 0) break;
    parts.push(text.slice(done, start), make("mark", {}, text.slice(start, start + length)));
    done = start + length;
  }
  parts.push(text.slice(done));
  return parts;
}
