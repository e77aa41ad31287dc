// @zazuko/rdf-parser-csvw, which makes terms; they are written as N-Triples here. usage: zazuko_run.mjs FOLDER OUT
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
const require = createRequire(process.env.PEERS_NPM + '/x.js')
const { default: Parser } = await import(require.resolve('@zazuko/rdf-parser-csvw'))
const N3 = require('n3')

const [folder, out] = process.argv.slice(2)
const base = 'http://example.org/bench/'
const metadata = new N3.Store(new N3.Parser({ baseIRI: base }).parse(readFileSync(folder + '/csvw.ttl', 'utf8')))
const quads = new Parser({ metadata, baseIRI: base + 'data.csv' }).import(createReadStream(folder + '/data.csv'))
const writer = createWriteStream(out, { highWaterMark: 1 << 20 })

const STRING = 'http://www.w3.org/2001/XMLSchema#string'
const ESCAPES = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r' }
function term (t) {
  if (t.termType === 'NamedNode') return `<${t.value}>`
  if (t.termType === 'BlankNode') return `_:${t.value}`
  const text = '"' + t.value.replace(/[\\"\n\r]/g, c => ESCAPES[c]) + '"'
  return text + (t.language ? '@' + t.language : t.datatype.value === STRING ? '' : `^^<${t.datatype.value}>`)
}

let lines = []
for await (const quad of quads) {
  lines.push(`${term(quad.subject)} ${term(quad.predicate)} ${term(quad.object)} .\n`)
  if (lines.length === 4096) {
    if (!writer.write(lines.join(''))) await new Promise(resolve => writer.once('drain', resolve))
    lines = []
  }
}
writer.end(lines.join(''))
