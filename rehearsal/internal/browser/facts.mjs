// Facts of a page that is open. Each function runs in the page itself, so that none may use anything from outside of it.

// layout is whether the page fits, and what stands in the first screen.
export function layout() {
  const root = document.documentElement
  const within = element => element.closest('.scroll') !== null
  const wide = [...document.body.querySelectorAll('*')]
    .filter(e => !within(e) && !e.closest('svg') && !e.closest('.skip') && e.getBoundingClientRect().right > root.clientWidth + 1)
    .map(e => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 40)}`)
  const first = [...document.querySelectorAll('h1, #verdict li a, #verdict pre, #verdict dt')]
    .filter(e => { const box = e.getBoundingClientRect(); return box.top >= 0 && box.bottom <= window.innerHeight })
    .map(e => e.textContent.replace(/\s+/g, ' ').trim())
  return { overflow: root.scrollWidth - root.clientWidth, wide, first, height: root.scrollHeight }
}

// drawing is what is wrong with the drawing of the architecture: texts that leave their box or lie on each other.
export function drawing() {
  const overlaps = []
  const svg = document.querySelector('svg.drawing')
  if (!svg) return { overlaps, boxes: 0 }
  const slack = 1
  const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
  for (const text of texts) {
    const box = text.parentElement.querySelector('rect').getBoundingClientRect()
    const own = text.getBoundingClientRect()
    if (own.left < box.left - slack || own.right > box.right + slack || own.top < box.top - slack || own.bottom > box.bottom + slack) {
      overlaps.push(`"${text.textContent.trim()}" leaves its box by ${Math.round(Math.max(box.left - own.left, own.right - box.right, box.top - own.top, own.bottom - box.bottom))} px`)
    }
  }
  const apart = (a, b) => a.right <= b.left + slack || b.right <= a.left + slack || a.bottom <= b.top + slack || b.bottom <= a.top + slack
  const compare = (elements, name) => elements.forEach((a, i) => elements.slice(i + 1).forEach(b => {
    if (!apart(a.getBoundingClientRect(), b.getBoundingClientRect())) overlaps.push(`${name(a)} lies on ${name(b)}`)
  }))
  compare(texts, t => `"${t.textContent.trim()}"`)
  const boxes = [...svg.querySelectorAll('.box rect')]
  compare(boxes, r => `the box "${r.parentElement.textContent.trim()}"`)
  const picture = svg.getBoundingClientRect()
  for (const rect of svg.querySelectorAll('rect')) {
    const box = rect.getBoundingClientRect()
    if (box.left < picture.left - slack || box.right > picture.right + slack || box.bottom > picture.bottom + slack) {
      overlaps.push(`the box "${rect.parentElement.textContent.trim()}" leaves the picture`)
    }
  }
  return { overlaps, boxes: boxes.length, smallest: Math.min(...texts.map(t => t.getBoundingClientRect().height)) }
}

// charts are the charts with what is wrong: labels on each other or outside, lines outside, letters that nobody can read.
export function charts() {
  return [...document.querySelectorAll('svg.chart')].map(svg => {
    const wrong = []
    const picture = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')]
    for (const text of texts) {
      const own = text.getBoundingClientRect()
      if (own.left < picture.left - 1 || own.right > picture.right + 1 || own.top < picture.top - 1 || own.bottom > picture.bottom + 1) wrong.push(`"${text.textContent}" leaves the chart`)
      if (own.height < 10) wrong.push(`"${text.textContent}" is ${own.height.toFixed(1)} px high`)
    }
    texts.forEach((a, i) => texts.slice(i + 1).forEach(b => {
      const x = a.getBoundingClientRect()
      const y = b.getBoundingClientRect()
      if (x.right > y.left && y.right > x.left && x.bottom > y.top + 2 && y.bottom > x.top + 2) wrong.push(`"${a.textContent}" lies on "${b.textContent}"`)
    }))
    const lines = [...svg.querySelectorAll('polyline')]
    for (const line of lines) {
      const own = line.getBoundingClientRect()
      if (own.left < picture.left || own.right > picture.right || own.top < picture.top || own.bottom > picture.bottom) wrong.push(`the line ${line.getAttribute('class')} leaves the chart`)
    }
    return { title: svg.querySelector('title').textContent, lines: lines.length, wrong }
  })
}

// holes are the places without the data that belongs there.
export function holes() {
  const found = []
  for (const cell of document.querySelectorAll('td:not(.bar), th, dt, dd, figcaption, h1, h2, h3, summary, li')) {
    const text = cell.textContent.trim()
    if (text === '' || /\b(NaN|undefined|Infinity|null)\b|<nil>|%!|map\[|\[object/.test(text)) {
      const section = cell.closest('section, article, header')
      found.push(`${section?.id ?? 'page'}: ${cell.tagName.toLowerCase()} "${text.slice(0, 60)}"`)
    }
  }
  return found
}

// reachable marks every element that a keyboard has to reach, and gives the marks.
export function reachable() {
  return [...document.querySelectorAll('a[href], summary, button, input, select, textarea, [tabindex="0"]')]
    .filter(e => e.checkVisibility({ contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true }))
    .map((e, i) => { e.dataset.reachable = `${i}: ${e.textContent.trim().slice(0, 40) || e.getAttribute('aria-label')}`; return e.dataset.reachable })
}
