// A table of any number of rows, of which only those in sight are in the document.

const ROW = 38;
const SPARE = 12;

// columns: {title, width, numeric, value(row) to sort by, cell(row): what is shown}; open(rows, place) is called for a
// chosen row. `show` takes the rows in their own order; what they are is the columns' matter.
function grid(box, { label, columns, open }) {
  let rows = [];
  let shown = [];
  let active = 0;
  let sorted = null;
  let waiting = false;

  const heads = columns.map((column, number) =>
    make("th", { scope: "col", "aria-sort": "none", class: column.numeric ? "number" : null },
      make("button", { type: "button", title: column.title, onclick: () => sortBy(number) }, column.title)));
  const body = make("tbody");
  const table = make("table", { "aria-label": label },
    make("colgroup", {}, columns.map(() => make("col"))),
    make("thead", {}, make("tr", {}, heads)), body);
  const narrowest = columns.reduce((sum, column) => sum + column.width, 0);
  table.style.minWidth = `${narrowest}px`;
  columns.forEach((column, number) => {
    table.querySelectorAll("col")[number].style.width = `${(100 * column.width) / narrowest}%`;
  });
  box.replaceChildren(table);
  box.scrollTop = 0;

  function arrange() {
    shown = rows;
    if (sorted) {
      const { value } = columns[sorted.column];
      const keyed = rows.map((row, place) => ({ row, place, key: value(row) }));
      keyed.sort((a, b) => order(a, b) || a.place - b.place);
      shown = keyed.map(({ row }) => row);
    }
    active = 0;
    box.scrollTop = 0;
    table.setAttribute("aria-rowcount", String(shown.length + 1));
    draw();
  }

  function order(a, b) {
    const missing = (key) => key === null || key === undefined;
    if (missing(a.key) || missing(b.key)) return Number(missing(a.key)) - Number(missing(b.key));
    const smaller = a.key < b.key ? -1 : Number(a.key > b.key);
    return sorted.down ? -smaller : smaller;
  }

  function sortBy(number) {
    if (sorted?.column !== number) sorted = { column: number, down: Boolean(columns[number].numeric) };
    else if (sorted.down === Boolean(columns[number].numeric)) sorted = { column: number, down: !sorted.down };
    else sorted = null;
    heads.forEach((head, place) => {
      const here = sorted?.column === place;
      head.setAttribute("aria-sort", here ? (sorted.down ? "descending" : "ascending") : "none");
    });
    arrange();
  }

  function draw() {
    waiting = false;
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - SPARE);
    const last = Math.min(shown.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + SPARE);
    const held = body.contains(document.activeElement);
    const drawn = [];
    for (let place = first; place < last; place += 1) drawn.push(line(place));
    body.replaceChildren(gap(first), ...drawn, gap(shown.length - last));
    if (held) (body.querySelector("[tabindex='0']") || box).focus({ preventScroll: true });
  }

  function gap(count) {
    const row = make("tr", { "aria-hidden": "true", class: "gap" });
    row.style.height = `${count * ROW}px`;
    return row;
  }

  function line(place) {
    const row = shown[place];
    const cells = columns.map((column) =>
      make("td", { class: column.numeric ? "number" : null }, column.cell(row)));
    for (const cell of cells) if (cell.textContent.length > 20) cell.title = cell.textContent;
    return make("tr",
      { tabindex: place === active ? 0 : -1, "aria-rowindex": place + 2, "data-place": place }, cells);
  }

  function go(place) {
    active = Math.max(0, Math.min(shown.length - 1, place));
    const top = active * ROW;
    const room = box.clientHeight - 2 * ROW;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top > box.scrollTop + room) box.scrollTop = top - room;
    draw();
    body.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
  }

  function press(event) {
    if (event.target.closest("thead")) return;
    const page = Math.max(1, Math.floor(box.clientHeight / ROW) - 2);
    const steps = {
      ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page,
      Home: 0, End: shown.length - 1,
    };
    if (event.key in steps) go(steps[event.key]);
    else if ((event.key === "Enter" || event.key === " ") && shown.length) open(shown, active);
    else return;
    event.preventDefault();
  }

  function choose(event) {
    const row = event.target.closest("tr[data-place]");
    if (!row) return;
    active = Number(row.dataset.place);
    draw();
    open(shown, active);
  }

  const later = () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  };
  box.tabIndex = -1;
  box.onscroll = later;
  box.onkeydown = press;
  box.onclick = choose;
  return {
    show(next) {
      rows = next;
      arrange();
    },
    draw: later,
    focus: go,
  };
}
