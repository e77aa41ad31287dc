// RocketRML. usage: rocketrml_run.cjs FOLDER OUT
const { createRequire } = require('node:module')
const rocketrml = createRequire(process.env.PEERS_NPM + '/x.js')('rocketrml')
const [folder, out] = process.argv.slice(2)
process.chdir(folder) // sources are relative
rocketrml.parseFile('mapping.legacy.ttl', out, { toRDF: true, verbose: false, replace: false, xmlPerformanceMode: false })
  .catch(error => { console.error(error); process.exit(1) })
