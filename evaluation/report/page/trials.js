// All trials in one table, by the light index.

function trialRows(index) {
  return Array.from(index.columns.question, (_, trial) => trial);
}

function badge(index, finish) {
  const [name, words] = index.finishes[finish];
  return make("span", { class: `badge ${name}` }, words);
}

function trialColumns(index) {
  const { columns, scores, metrics } = index;
  const question = (trial) => index.questions[columns.question[trial]];
  const plain = (title, width, name, words = count) => ({
    title, width, numeric: true, value: (trial) => columns[name][trial], cell: (trial) => words(columns[name][trial]),
  });
  const score = (metric, number) => ({
    title: metric, width: Math.max(80, Math.round(32 + 7.8 * metric.length)), numeric: true,
    value: (trial) => scores[number][trial], cell: (trial) => scoreMark(scores[number][trial]),
  });
  return [
    {
      title: "Question", width: 280, value: (trial) => columns.question[trial],
      cell: (trial) => [make("span", { class: "id" }, question(trial)[0]), " ", question(trial)[1]],
    },
    {
      title: "Arm", width: armWidth(index.arms, 330), value: (trial) => columns.arm[trial],
      cell: (trial) => index.arms[columns.arm[trial]],
    },
    ...(index.samples > 1 ? [plain("Sample", 84, "sample")] : []),
    {
      title: "Outcome", width: 134, value: (trial) => columns.finish[trial],
      cell: (trial) => badge(index, columns.finish[trial]),
    },
    score(metrics[0], 0),
    {
      title: "Answer", width: 270, value: (trial) => columns.answer[trial].toLowerCase() || null,
      cell: (trial) => columns.answer[trial] || make("span", { class: "id" }, NONE),
    },
    plain("Thinking tokens", 142, "thinking"),
    plain("Answer tokens", 132, "answerTokens"),
    plain("Seconds", 94, "ms", seconds),
    ...metrics.slice(1).map((metric, number) => score(metric, number + 1)),
  ];
}

const armWidth = (names, most) => Math.min(most, Math.max(90, ...names.map((name) => Math.round(28 + 7.3 * name.length))));

function scoreMark(value) {
  const kind = value === 1 ? "full" : value === 0 ? "zero" : null;
  return make("span", { class: kind && `score ${kind}` }, scoreWords(value));
}

// Whether a trial has all words of the search in its question or answer.
function searcher(index, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return () => true;
  const { columns } = index;
  index.askedWords ||= index.questions.map(([id, question, answers]) =>
    [id, question, ...(answers || [])].join("\n").toLowerCase());
  index.answerWords ||= columns.answer.map((answer) => answer.toLowerCase());
  return (trial) => words.every((word) =>
    index.askedWords[columns.question[trial]].includes(word) || index.answerWords[trial].includes(word));
}

function chosenTrials(index, { text, arm, finish, score }) {
  const { columns, scores } = index;
  const found = searcher(index, text);
  const scored = {
    "": () => true,
    full: (value) => value === 1,
    less: (value) => value !== null && value < 1,
    none: (value) => value === null,
  }[score];
  return trialRows(index).filter((trial) =>
    (arm === "" || columns.arm[trial] === Number(arm))
    && (finish === "" || columns.finish[trial] === Number(finish))
    && scored(scores[0][trial])
    && found(trial));
}
