// Shows what the server sends. Texts are set as text, never as markup.
const at = id => document.getElementById(id)

function element(name, text, className) {
  const made = document.createElement(name)
  made.textContent = text
  if (className) made.className = className
  return made
}

async function post(path, body) {
  const response = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return JSON.parse(text)
}

function showRegions(regions) {
  const focused = document.activeElement?.dataset.region
  at('regions').replaceChildren(...regions.map(region => {
    const item = element('li', `${region.name}: ${region.cut ? '✗ cut' : '✓ in service'} `, region.cut ? 'bad' : '')
    const button = element('button', region.cut ? `Restore ${region.name}` : `Cut ${region.name}`)
    button.dataset.region = region.name
    button.onclick = () => post('cut', { region: region.name, cut: !region.cut }).catch(error => { at('state').textContent = error.message })
    item.append(button)
    return item
  }))
  if (focused) document.querySelector(`[data-region="${CSS.escape(focused)}"]`)?.focus()
}

function showCalls(calls) {
  const rows = calls.map(call => {
    const row = element('tr', '', call.status >= 400 ? 'bad' : '')
    const attempts = call.attempts.map(a => `${a.region || 'unknown'} ${a.status || 'no answer'}`).join(', then ') || 'none'
    const texts = call.asked || call.answered ? `${call.asked}\n${call.answered}` : 'not shown'
    const cells = [new Date(call.time).toLocaleTimeString(), call.subscription || 'none', call.deployment || 'none', call.status, attempts, call.prompt + call.completion, call.milliseconds, texts]
    row.append(...cells.map(text => element('td', text)))
    return row
  })
  const none = element('tr', '')
  const cell = element('td', 'No call yet.')
  cell.colSpan = 8
  none.append(cell)
  at('calls').replaceChildren(...rows.length ? rows : [none])
}

at('ask').onsubmit = async event => {
  event.preventDefault()
  at('answer').textContent = '…'
  try {
    const got = await post('ask', { team: Number(at('team').value), prompt: at('prompt').value })
    at('answer').textContent = `${got.status}\n${got.hidden || got.body}`
  } catch (error) {
    at('answer').textContent = error.message
  }
}

const events = new EventSource('events')
events.onmessage = event => {
  const { regions, calls } = JSON.parse(event.data)
  showRegions(regions)
  showCalls(calls)
  at('state').textContent = 'connected'
}
events.onerror = () => { at('state').textContent = 'not connected: is rehearse up still running?' }
