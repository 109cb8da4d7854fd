// The page's state is in its controls: whenever one changes, the table is made or filled anew.

async function start() {
  figureTips(byId("tip"));
  if (!("DecompressionStream" in window)) {
    byId("count").textContent = "This browser cannot unpack the trials; any of 2023 or later can.";
    return;
  }
  const index = await block("index");
  let table = null;
  const open = detailDialog(index, byId("detail"), (place) => table.focus(place));
  const arms = index.arms.map((name, number) => [number, name]);
  const ended = new Set(index.columns.finish);
  fillSelect(byId("arm"), [["", "all"], ...arms]);
  fillSelect(byId("finish"), [["", "all"], ...index.finishes
    .map(([, words], number) => [number, words]).filter(([number]) => ended.has(number))]);
  fillSelect(byId("first"), arms);
  fillSelect(byId("second"), arms);
  const base = Math.max(0, index.arms.indexOf(index.baseline));
  byId("first").value = String(base);
  byId("second").value = String(base === 0 ? Math.min(1, arms.length - 1) : 0);
  byId("view-pairs").hidden = arms.length < 2;
  let paired = false;
  let pairs = [];

  function view() {
    for (const label of document.querySelectorAll("#filters [data-view]")) {
      label.hidden = (label.dataset.view === "pairs") !== paired;
    }
    byId("view-pairs").setAttribute("aria-pressed", String(paired));
    byId("view-trials").setAttribute("aria-pressed", String(!paired));
    const [first, second] = [Number(byId("first").value), Number(byId("second").value)];
    pairs = paired ? pairsOf(index, first, second) : [];
    const columns = paired ? pairColumns(index, first, second) : trialColumns(index);
    table = grid(byId("grid"), { label: paired ? "Questions of two arms" : "Trials", columns, open });
    fill();
  }

  function fill() {
    const text = byId("search").value;
    const [arm, finish, score] = ["arm", "finish", "score"].map((id) => byId(id).value);
    const rows = paired
      ? chosenPairs(index, pairs, { text, flipped: byId("flipped").checked })
      : chosenTrials(index, { text, arm, finish, score });
    const all = paired ? pairs.length : index.columns.question.length;
    byId("count").textContent = `${count(rows.length)} of ${count(all)} ${paired ? "questions" : "trials"}${
      paired ? flips(rows) : ""}`;
    table.show(rows);
  }

  const flips = (rows) => `: ${count(rows.filter((row) => row.change > SAME).length)} gained, ${
    count(rows.filter((row) => row.change < -SAME).length)} lost`;

  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["search", "arm", "finish", "score", "flipped"]) byId(id).addEventListener("input", fill);
  for (const id of ["first", "second"]) byId(id).addEventListener("input", view);
  byId("view-pairs").addEventListener("click", () => { paired = true; view(); });
  byId("view-trials").addEventListener("click", () => { paired = false; view(); });
  window.addEventListener("resize", () => table.draw());
  view();
}

start().catch((error) => {
  byId("count").textContent = `The trials could not be unpacked: ${error.message}`;
  throw error;
});
