import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readWeights, writeWeights } from '../packages/guard/src/injection/weights-code.ts'
import { promptRow, readRows } from './eval-data.ts'
import { chooseThresholds, crossValidate, exampleOf, injectionFigures, usable } from './eval-injection.ts'
import { authoredExamples, train } from './train-guard-model.ts'

const folder = new URL('../packages/guard/src/injection/', import.meta.url)
const { values } = parseArgs({ options: { data: { type: 'string' } } })
if (values.data === undefined) {
  console.error('Say where the data is: npm run train:guard -- --data DIR')
  process.exit(2)
}

const rows = readRows(values.data, 'prompts', promptRow)
console.log(`Cross-validating over the sources of ${rows.length} rows …`)
const { scored } = crossValidate(rows)
const thresholds = chooseThresholds(scored)
const figures = injectionFigures(scored, thresholds)
console.log('Training on all of them …')
const own = authoredExamples()
const written = writeWeights(train([...usable(rows).map(exampleOf), ...own]))
readWeights(written)
const json = `${JSON.stringify({ bias: written.bias, scale: written.scale, thresholds, table: written.table })}\n`
writeFileSync(new URL('weights.json', folder), json)
const digest = createHash('sha256').update(json).digest('hex')
writeFileSync(new URL('weights.md', folder), sheet())
console.log(`Wrote weights.json (${json.length} bytes, SHA-256 ${digest}) and its data sheet.`)

function sheet(): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const sources = [...new Set(rows.map((row) => row.source))].sort().map((source) => {
    const of = usable(rows).filter((row) => row.source === source)
    return `| ${source} | ${[...new Set(of.map((row) => row.licence ?? 'unknown'))].join('; ')} | ${of.filter((row) => row.label === 'injection').length} | ${of.filter((row) => row.label === 'benign').length} |`
  })
  return `# Data sheet of the injection model

Made by \`npm run train:guard -- --data DIR\`; do not edit by hand. SHA-256 of \`weights.json\`: \`${digest}\`.

**What it is.** A linear model over stretches of 32 words; a text is as suspicious as its worst stretch. Features, hashed into 131,072 places: ideas
(families of stems in some twenty-five languages), their ordered pairs and triples, pairs and triples of neighbouring words in which a word
that has an idea stands as its idea, beginnings of long words, and forged markers. Logistic regression by L-BFGS; of an attack only its worst
stretch counts in training, of a harmless text every one. Rounded to eighty-one levels.

**Trained on** the rows below (attacks that only their context makes attacks are left out) and on ${own.length} texts by the project's authors
(\`tools/training\`, \`tools/train-guard-texts.ts\`). No row is stored in the repository.

| source | licence | attacks | harmless |
|---|---|---|---|
${sources.join('\n')}

**Thresholds**, chosen on scores of models that never saw the source: block above ${thresholds.certain} (${figures.blockedHarmless} of ${figures.harmless} harmless texts), challenge above
${thresholds.likely} (${percent(figures.falseAtLikely)} of ordinary and multilingual texts, ${percent(1 - figures.hardLeftAlone)} of hard ones), flag above ${thresholds.hint}.

**Figures, by cross-validation over sources.** ${percent(figures.recallAtOnePercent)} of ${figures.attacks} attacks at 1 % false positives; ${percent(figures.recallAtLikely)} challenged and ${percent(figures.blockedAttacks)} blocked
at the thresholds above.

**Limits.** It knows ideas, not intent. Attacks without any tell-tale wording (a plain task inside a document, a story that leads
somewhere), languages outside its families, and pictures are not seen. Prompts that assign a role to the model look much like
jailbreaks that do, and are where most false alarms come from. Scores are comparable only within one version of the weights.
`
}
