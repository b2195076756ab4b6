// Reads visits from standard input, opens each in Chromium and writes what was seen, as JSON, one for each visit.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { charts, drawing, holes, layout, reachable } from './facts.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { executable, visits } = JSON.parse(readFileSync(0, 'utf8'))

const browser = await chromium.launch({ executablePath: executable, args: ['--disable-gpu', '--force-color-profile=srgb'] })
const seen = []
let next = 0
try {
  await Promise.all([lane(), lane()])
} finally {
  await browser.close()
}
process.stdout.write(JSON.stringify(seen))

// lane makes one visit after the other. Two lanes use two processors: most of the time goes into axe-core.
async function lane() {
  while (next < visits.length) {
    const at = next++
    seen[at] = await look(visits[at])
  }
}

async function look(visit) {
  const context = await browser.newContext({
    viewport: { width: visit.width, height: visit.height }, colorScheme: visit.dark ? 'dark' : 'light', reducedMotion: 'reduce',
    deviceScaleFactor: visit.scale || 1,
    // axe-core is a script, and the pages allow none. Visits without it show that the policy itself stops nothing.
    bypassCSP: Boolean(visit.axe),
  })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(120000) // a machine that runs many tests is slow; what never comes ends by the limit in browser.go
    const problems = []
    const requests = []
    page.on('console', message => { if (['error', 'warning'].includes(message.type())) problems.push(message.text()) })
    page.on('pageerror', error => problems.push(String(error)))
    page.on('requestfailed', request => problems.push(`${request.url()} failed`))
    page.on('request', request => requests.push(request.url()))
    await page.goto(visit.url)
    for (const step of visit.do ?? []) await act(page, step)
    if (visit.print) await page.emulateMedia({ media: 'print', colorScheme: visit.dark ? 'dark' : 'light' })
    const found = { ...await page.evaluate(layout), ...await page.evaluate(drawing), charts: await page.evaluate(charts), holes: await page.evaluate(holes), text: await page.innerText('body') }
    if (visit.screenshot) await page.screenshot({ path: visit.screenshot, fullPage: Boolean(visit.whole) })
    if (visit.keyboard) Object.assign(found, await walk(page))
    if (visit.axe) Object.assign(found, await audit(page))
    return { ...found, problems, requests: requests.filter(url => !url.startsWith(visit.url) && url !== 'data:,') }
  } finally {
    await context.close()
  }
}

async function act(page, { click, fill, with: text, until }) {
  if (click) await page.click(click)
  if (until) await page.getByText(until).first().waitFor()
  if (!fill) return
  const select = await page.locator(fill).evaluate(e => e.tagName === 'SELECT')
  if (select) await page.selectOption(fill, { label: text })
  else await page.fill(fill, text)
}

// walk presses the tabulator key through the whole page.
async function walk(page) {
  const wanted = await page.evaluate(reachable)
  const unreached = new Set(wanted)
  for (let i = 0; i <= wanted.length; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const element = document.activeElement
      const style = getComputedStyle(element)
      return { mark: element.dataset.reachable ?? '', shown: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 }
    })
    if (at.shown) unreached.delete(at.mark)
  }
  return { unreached: [...unreached], reached: wanted.length - unreached.size }
}

async function audit(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true }))
  await page.evaluate(axe)
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  const said = v => v.nodes.map(n => `${v.id} (${v.impact}): ${n.target.join(' ')}: ${n.failureSummary.replaceAll('\n', ' ')}`)
  return { violations: result.violations.flatMap(said), rules: result.passes.length + result.violations.length }
}
