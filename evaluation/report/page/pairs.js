// Two arms side by side, paired by question; of several samples the mean counts, as in the report.

const SAME = 1e-9;

function pairsOf(index, first, second) {
  const { columns, scores } = index;
  const sides = new Map();
  for (let trial = 0; trial < columns.question.length; trial += 1) {
    const side = [first, second].indexOf(columns.arm[trial]);
    if (side < 0) continue;
    const question = columns.question[trial];
    if (!sides.has(question)) sides.set(question, [[], []]);
    sides.get(question)[side].push(trial);
  }
  return Array.from(sides, ([question, trials]) => pair(question, trials, scores[0]))
    .filter(({ trials }) => trials[0].length && trials[1].length)
    .sort((a, b) => a.question - b.question);
}

function pair(question, trials, scores) {
  const means = trials.map((side) => mean(side.map((trial) => scores[trial])));
  const change = means.includes(null) ? null : means[1] - means[0];
  return { question, trials, means, change, flipped: change !== null && Math.abs(change) > SAME };
}

function mean(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

function pairColumns(index, first, second) {
  const { columns } = index;
  const side = (place, arm) => [
    {
      title: index.arms[arm], width: armWidth([index.arms[arm]], 220), numeric: true, value: (row) => row.means[place],
      cell: (row) => scoreMark(row.means[place]),
    },
    {
      title: "Answer", width: 260, value: (row) => columns.answer[row.trials[place][0]].toLowerCase() || null,
      cell: (row) => columns.answer[row.trials[place][0]] || badge(index, columns.finish[row.trials[place][0]]),
    },
  ];
  return [
    {
      title: "Question", width: 300, value: (row) => row.question,
      cell: ({ question }) => [make("span", { class: "id" }, index.questions[question][0]), " ",
        index.questions[question][1]],
    },
    ...side(0, first),
    ...side(1, second),
    { title: "Change", width: 90, numeric: true, value: (row) => row.change, cell: changeMark },
  ];
}

function changeMark({ change, flipped }) {
  if (change === null) return NONE;
  if (!flipped) return make("span", { class: "id" }, "same");
  const digits = scoreWords(Math.abs(change));
  return make("span", { class: change > 0 ? "gained" : "lost" }, change > 0 ? `▲ +${digits}` : `▼ −${digits}`);
}

function chosenPairs(index, rows, { text, flipped }) {
  const found = searcher(index, text);
  return rows.filter((row) => (!flipped || row.flipped) && row.trials.flat().some(found));
}
