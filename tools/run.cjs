'use strict'
/**
 * Runs a TypeScript file of this repository on the right Node, on a fresh clone too:
 *
 *   node tools/run.cjs [--page] FILE [ARGUMENT …]
 *
 * 1. installs what package-lock.json names and node_modules lacks;
 * 2. goes on under Node 24, which comes with the installed packages;
 * 3. with --page, builds the web page when its sources have changed;
 * 4. runs FILE, with a compile cache, in this process: its exit status and its signals are its own.
 *
 * Plain CommonJS without a dependency, because step 1 runs on whatever Node is there, from 20 on.
 */
const { spawn, spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const { enableCompileCache, runMain } = require('node:module')
const path = require('node:path')

const LEAST_NODE = [24, 18]
const LEAST_TO_INSTALL = [20, 0]

/** Whether version `v24.21.0` is at least `[24, 18]`. */
function isAtLeast(version, [major, minor]) {
  const [haveMajor, haveMinor] = version.replace(/^v/, '').split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

/** What a person must do before this can go on. Printed without a stack. */
class Hindrance extends Error {}

const say = (sentence) => { process.stderr.write(`sallyport: ${sentence}\n`) }

function readJson(file) {
  try { return JSON.parse(fs.readFileSync(file, 'utf8')) } catch { return undefined }
}

/**
 * The first package that package-lock.json names and node_modules lacks or holds in another version; undefined when none.
 * Packages for other platforms are marked optional in the lock file and may be absent.
 */
function firstMissing(root) {
  const wanted = readJson(path.join(root, 'package-lock.json'))
  if (wanted === undefined) throw new Hindrance('package-lock.json is missing or damaged. Get it back with `git checkout package-lock.json`.')
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'))
  if (installed === undefined) return 'node_modules'
  for (const [place, entry] of Object.entries(wanted.packages)) {
    if (place === '' || !place.includes('node_modules/')) continue
    const present = installed.packages[place]
    if (present === undefined ? entry.optional !== true && entry.devOptional !== true : present.version !== entry.version || present.integrity !== entry.integrity) return place
  }
  return undefined
}

function npm(root, args) {
  const script = process.env.npm_execpath
  const options = { cwd: root, stdio: ['ignore', 2, 2] }
  if (script !== undefined && /npm-cli\.c?js$/.test(script)) return spawnSync(process.execPath, [script, ...args], options)
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

function installWhatIsMissing(root) {
  const missing = firstMissing(root)
  if (missing === undefined) return
  if (!isAtLeast(process.version, LEAST_TO_INSTALL)) {
    throw new Hindrance(`this is Node ${process.version}. Install Node 20 or newer; Sallyport brings the Node 24 that it runs on by itself.`)
  }
  say(missing === 'node_modules' ? 'installing the packages of package-lock.json (npm ci) …' : `${missing} is missing or of another version; installing anew (npm ci) …`)
  const result = npm(root, ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (result.error !== undefined) throw new Hindrance(`npm could not be started (${result.error.message}). Install npm, then try again.`)
  if (result.status !== 0) throw new Hindrance('npm ci failed; what it says above tells why.')
  const still = firstMissing(root)
  if (still !== undefined) throw new Hindrance(`npm ci ended well, yet ${still} is missing. Remove node_modules and try again.`)
  dropUnusableNode(root)
}

const doesRun = (file) => /^v\d/.test(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout ?? '')

/** Where the system's C library is another one, the pinned Node would hide the system's own from every npm script. */
function dropUnusableNode(root) {
  const pinned = pinnedNode(root)
  if (pinned.file === undefined || doesRun(pinned.file)) return
  fs.rmSync(path.join(root, 'node_modules', '.bin', 'node'), { force: true })
  say(`${pinned.name} does not run on this system; using the system's own Node instead.`)
}

/** The Node that the lock file pins for this platform: its package, and its file where it is installed. */
function pinnedNode(root) {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const version = readJson(path.join(root, 'package.json'))?.optionalDependencies?.[name]
  const file = path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return { name, version, file: fs.existsSync(file) ? file : undefined }
}

/** What to say where no Node of the right version can be had. */
function nodeHindrance(pinned) {
  const need = `Sallyport needs Node ${LEAST_NODE.join('.')} or newer, and this is ${process.version}.`
  if (pinned.version === undefined) return `${need} No Node is packaged for this platform (${pinned.name}): install Node 24 from nodejs.org.`
  if (pinned.file === undefined) return `${need} The package ${pinned.name} ${pinned.version} is not installed (was it left out with --omit=optional?). Run \`npm ci --include=optional\`, or install Node 24.`
  return `${need} The package ${pinned.name} ${pinned.version} does not run on this system (is its C library another one?). Install Node 24.`
}

/** Runs this same file under the pinned Node, and ends as that process ends. */
function goOnUnder(pinned) {
  const child = spawn(pinned.file, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends its interrupt to the whole group: the child has it already, and a second one would mean "at once".
    process.on(signal, () => { if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal) })
  }
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function filesUnder(place) {
  const stat = fs.statSync(place, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (!stat.isDirectory()) return [place]
  return fs.readdirSync(place).sort().filter((name) => name !== 'dist' && name !== 'node_modules').flatMap((name) => filesUnder(path.join(place, name)))
}

/** Changes whenever anything that the page is built from does. */
function pageFingerprint(root) {
  const hash = createHash('sha256')
  for (const place of ['packages/web', 'packages/contract', 'package-lock.json']) {
    for (const file of filesUnder(path.join(root, place))) hash.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

function buildPageWhenOld(root) {
  const stamp = path.join(root, 'node_modules', '.cache', 'sallyport', 'page')
  const fingerprint = pageFingerprint(root)
  const isBuilt = fs.existsSync(path.join(root, 'packages', 'web', 'dist', 'index.html'))
  if (isBuilt && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === fingerprint) return
  say(isBuilt ? 'the page\'s sources have changed; building it …' : 'building the page …')
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const result = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: path.join(root, 'packages', 'web'), stdio: ['ignore', 2, 2] })
  if (result.status !== 0) throw new Hindrance('the page could not be built; what vite says above tells why.')
  fs.mkdirSync(path.dirname(stamp), { recursive: true })
  fs.writeFileSync(stamp, fingerprint)
}

async function main(root, args) {
  const withPage = args[0] === '--page'
  const [file, ...rest] = withPage ? args.slice(1) : args
  if (file === undefined) throw new Hindrance('name the file to run: node tools/run.cjs [--page] FILE [ARGUMENT …]')
  const target = path.resolve(root, file)
  if (!fs.existsSync(target)) throw new Hindrance(`${file} does not exist in this version of Sallyport.`)
  installWhatIsMissing(root)
  if (!isAtLeast(process.version, LEAST_NODE)) {
    const pinned = pinnedNode(root)
    if (pinned.file === undefined || !doesRun(pinned.file)) throw new Hindrance(nodeHindrance(pinned))
    goOnUnder(pinned)
    return
  }
  if (withPage) buildPageWhenOld(root)
  const cache = path.join(root, 'node_modules', '.cache', 'compiled')
  enableCompileCache(cache)
  process.env.NODE_COMPILE_CACHE = cache
  process.argv = [process.argv[0], target, ...rest]
  runMain(target)
}

module.exports = { firstMissing, isAtLeast, nodeHindrance, pageFingerprint, pinnedNode }

if (require.main === module) {
  main(path.dirname(__dirname), process.argv.slice(2)).catch((error) => {
    if (!(error instanceof Hindrance)) throw error
    say(error.message)
    process.exitCode = 1
  })
}
