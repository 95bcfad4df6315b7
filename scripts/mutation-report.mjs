/** What the mutation run says: one line a file, the list of survivors, and a section of docs/mutation.md for each folder. */

const COUNTED = new Set(['Killed', 'Timeout', 'Survived', 'NoCoverage']);
export const isAlive = ({ status }) => status === 'Survived' || status === 'NoCoverage';

/**
 * Marks the survivors that the reviewed list explains: mutants that change nothing that anybody can see. An entry fits by
 * file, mutator, the line's text and the replacement; `*` fits every replacement.
 */
export function explain({ file, mutants, share, seed, commit }, survivors) {
  if (mutants === undefined) return { file, mutants: undefined };
  const entries = survivors.filter((entry) => entry.file === file);
  const counted = mutants.filter(({ status }) => COUNTED.has(status));
  const used = new Set();
  const explained = counted.map((mutant) => {
    if (!isAlive(mutant)) return mutant;
    const entry = entries.find(
      ({ mutator, line, replacement }) =>
        mutator === mutant.mutator &&
        line === mutant.line &&
        (replacement === '*' || replacement === mutant.replacement),
    );
    if (entry !== undefined) used.add(entry);
    return entry === undefined ? mutant : { ...mutant, reason: entry.reason };
  });
  return {
    file,
    share,
    seed,
    commit,
    mutants: explained,
    ignored: mutants.length - counted.length,
    stale: entries.filter((entry) => !used.has(entry)),
  };
}

function countsOf(results) {
  const mutants = results.flatMap((result) => result.mutants ?? []);
  const survived = mutants.filter(isAlive);
  const explained = survived.filter(({ reason }) => reason !== undefined);
  return {
    mutants: mutants.length,
    killed: mutants.length - survived.length,
    timeouts: mutants.filter(({ status }) => status === 'Timeout').length,
    explained: explained.length,
    survived: survived.length - explained.length,
  };
}

function percent(part, whole) {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}

export function summaryOf(result) {
  if (result.mutants === undefined) return `${result.file}: not tried`;
  const { mutants, killed, explained, survived } = countsOf([result]);
  return `${result.file}: ${mutants} mutants, ${killed} noticed, ${explained} explained, ${survived} survived`;
}

/** The survivors without an explanation, and the explanations that nothing needs any more. */
export function listOf(results) {
  return results
    .flatMap(({ file, mutants = [], stale = [] }) => [
      ...mutants
        .filter((mutant) => isAlive(mutant) && mutant.reason === undefined)
        .map(
          ({ location: { start }, mutator, status, line, replacement }) =>
            `${file}:${start.line}:${start.column} ${mutator} ${status}\n    ${line}\n  -> ${replacement.replace(/\s+/g, ' ')}`,
        ),
      ...stale.map(({ line, mutator }) => `${file}: survivors.json explains what is not there: ${mutator}: ${line}`),
    ])
    .join('\n');
}

/** The section of one folder. */
export function documentOf(folder, results) {
  const rowOf = (name, some, share = '') => {
    const { mutants, killed, timeouts, explained, survived } = countsOf(some);
    const score = percent(killed, mutants);
    const scoreOfVisible = percent(killed, mutants - explained);
    return `| ${name} | ${share} | ${mutants} | ${killed - timeouts} | ${timeouts} | ${survived} | ${explained} | ${score} | ${scoreOfVisible} |`;
  };
  const tried = results.filter(({ mutants }) => mutants !== undefined);
  const late = results.filter(({ mutants }) => mutants === undefined).map(({ file }) => file);
  const shareOf = ({ share = 1 }) => (share === 1 ? 'all' : percent(share, 1));
  const seeds = [...new Set(tried.filter(({ share = 1 }) => share < 1).map(({ seed }) => seed))];
  const sample = seeds.length === 0 ? '' : ` A sample where *drawn* is not all: drawn with seed ${seeds.join(', ')}.`;
  const commits = [...new Set(tried.map(({ commit }) => commit ?? 'unknown'))];
  return [
    `## ${folder}`,
    '',
    `Written on ${new Date().toISOString().slice(0, 10)}, tried at commit ${commits.join(', ')}.${sample}${late.length === 0 ? '' : ` Not tried this time: ${late.join(', ')}.`}`,
    '',
    '| file | drawn | mutants | noticed | endless | survived | equivalent | score | without equivalent ones |',
    '|---|---|---|---|---|---|---|---|---|',
    ...tried
      .filter(({ mutants }) => mutants.length > 0)
      .map((result) => rowOf(result.file.slice(folder.length + 1) || result.file, [result], shareOf(result))),
    rowOf('**all**', tried),
    '',
  ].join('\n');
}

const HEAD = `# Mutation score

Written by \`npm run mutation -- FOLDER --write\`. Stryker changes the code in one place at a time (a condition turned round, a
boundary moved by one, a string or a block emptied, an operator exchanged) and runs the tests: a mutant that no test notices shows
what the tests would let pass. Sentences and hints of errors are left alone: to reword them is no fault. *Endless*: the mutant
never came to an end, which is noticed too. *Equivalent*: reviewed survivors that change nothing that anybody can see, each with
its reason in \`tools/mutation/survivors.json\`.
`;

const sectionOf = (folder) => new RegExp(`\\n## ${folder}\\n[^]*?(?=\\n## |$)`);

/** The document with the section of the folder put in, or exchanged. */
export function withSection(document, folder, section) {
  const text = document === '' ? HEAD : document;
  const pattern = sectionOf(folder);
  return pattern.test(text) ? text.replace(pattern, () => `\n${section}`) : `${text}\n${section}`;
}
