// One question in a dialog: a pane for one arm, or two side by side.

const KINDS = {
  gold: "gold", dataset: "distractor of the dataset", hard: "hard distractor", random: "random distractor",
  retrieved: "retrieved",
};

// It opens with the rows of the table as they are sorted (trial numbers, or pairs) and the place of one of them.
function detailDialog(index, dialog, closed) {
  let rows = [];
  let place = 0;
  let turn = 0;

  dialog.addEventListener("close", () => closed(place));
  dialog.addEventListener("click", (event) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (event.target === dialog && !inside) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("select, input") || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) go(place + step);
  });

  function go(next) {
    if (next < 0 || next >= rows.length) return;
    place = next;
    draw().catch((error) => {
      byId("count").textContent = `This trial could not be unpacked: ${error.message}`;
    });
  }

  async function draw() {
    const mine = (turn += 1);
    const row = rows[place];
    const samples = typeof row === "number" ? [[row]] : row.trials;
    const [id, question, answers] = index.questions[index.columns.question[samples[0][0]]];
    const panes = await Promise.all(samples.map((trials) => pane(index, trials, answers)));
    if (mine !== turn) return;
    dialog.replaceChildren(
      make("div", { class: "bar" },
        make("button", { type: "button", disabled: place === 0, onclick: () => go(place - 1) }, "‹ Previous"),
        make("span", { class: "id" }, `${count(place + 1)} of ${count(rows.length)}`),
        make("button", { type: "button", disabled: place === rows.length - 1, onclick: () => go(place + 1) }, "Next ›"),
        make("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×")),
      make("p", { class: "id" }, id),
      make("h2", { id: "detail-title", tabindex: -1 }, question),
      make("p", { class: "right" }, rightAnswers(answers)),
      make("div", { class: panes.length > 1 ? "panes two" : "panes" }, panes));
    if (!dialog.open) dialog.showModal();
    byId("detail-title").focus({ preventScroll: true });
    dialog.scrollTop = 0;
  }

  return (shown, chosen) => {
    rows = shown;
    go(chosen);
  };
}

function rightAnswers(answers) {
  if (answers === null) return "No right answer is known.";
  if (!answers.length) return "Right: to refuse, because nothing answers it.";
  return ["Right: ", ...answers.map((answer) => make("span", { class: "chip" }, answer))];
}

async function pane(index, trials, answers) {
  const box = make("section", { class: "pane", "aria-label": index.arms[index.columns.arm[trials[0]]] });
  const fill = async (trial) => box.replaceChildren(...(await paneParts(index, trials, trial, answers, fill)));
  await fill(trials[0]);
  return box;
}

async function paneParts(index, trials, trial, answers, choose) {
  const { columns } = index;
  const detail = await item("trial", trial, index.trialsABlock);
  const passages = await Promise.all(detail.slots.map(([number]) => item("passage", number, index.passagesABlock)));
  const samples = trials.length < 2 ? null : make("label", {}, "Sample",
    make("select", { onchange: (event) => choose(Number(event.target.value)) },
      trials.map((one) => make("option", { value: one, selected: one === trial }, columns.sample[one]))));
  const sample = trials.length < 2 && index.samples > 1 ? ` · sample ${columns.sample[trial]}` : "";
  return [
    make("div", { class: "pane-head" }, make("h3", {}, index.arms[columns.arm[trial]] + sample),
      badge(index, columns.finish[trial]), samples),
    scoreList(index, trial, detail),
    make("h4", {}, "Answer"),
    answerBox(index, trial, detail, answers),
    detail.reasoning === null ? null : make("details", { class: "thinking" },
      make("summary", {}, `Thinking${tokens(columns.thinking[trial])}`),
      make("div", { class: "text" }, detail.reasoning)),
    make("h4", {}, `Context · ${count(passages.length)} ${passages.length === 1 ? "passage" : "passages"}${
      tokens(detail.tokens || null)}`),
    make("ol", { class: "slots" }, detail.slots.map((slot, at) => slotBox(slot, passages[at], at + 1, answers))),
    requestFacts(columns, trial, detail),
  ].filter(Boolean);
}

const tokens = (number) => (number === null || number === undefined ? "" : ` · ${count(number)} tokens`);

function scoreList(index, trial, detail) {
  return make("dl", { class: "scores" }, index.metrics.map((metric, number) => make("div", {},
    make("dt", {}, metric),
    make("dd", {}, scoreMark(index.scores[number][trial]),
      detail.unscored[metric] ? make("span", { class: "id" }, ` ${detail.unscored[metric]}`) : null))));
}

function answerBox(index, trial, detail, answers) {
  if (detail.answer !== null) return make("div", { class: "text answer" }, marked(detail.answer, answers));
  const why = detail.error ?? detail.reason ?? index.finishes[index.columns.finish[trial]][1];
  return make("p", { class: "none" }, `No answer: ${why}`);
}

function slotBox([, rank, kind], [id, source, title, heading, page, text], position, answers) {
  const gold = kind === "gold";
  const place = [source, page === null ? null : `page ${page}`].filter(Boolean).join(", ");
  return make("li", { class: gold ? "slot gold" : "slot" }, make("details", { open: gold },
    make("summary", {},
      make("b", {}, `[${position}]`),
      make("span", { class: `kind ${kind ?? "unknown"}` }, KINDS[kind] ?? "unknown"),
      rank === null ? null : make("span", { class: "id" }, `rank ${rank}`),
      make("span", { class: "title" }, heading || title || source || id),
      make("span", { class: "start" }, (text ?? "").slice(0, 200))),
    make("p", { class: "id" }, `${place} · ${id}`),
    make("div", { class: "text" }, marked(text ?? "This passage is not in the run.", answers))));
}

function requestFacts(columns, trial, detail) {
  const facts = [
    ["Prompt tokens", count(detail.prompt)], ["of them cached", count(detail.cached)],
    ["Answer tokens", count(columns.answerTokens[trial])], ["Seconds to the first token", seconds(detail.firstToken)],
    ["Seconds in all", seconds(columns.ms[trial])], ["Seed", String(detail.seed)], ["Asked", `${detail.attempts} ×`],
    ["Prompt SHA-256", detail.hash || NONE], ...detail.warnings.map((warning) => ["Warning", warning]),
  ];
  return make("details", { class: "request" }, make("summary", {}, "Request"),
    make("dl", {}, facts.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]).flat()));
}
