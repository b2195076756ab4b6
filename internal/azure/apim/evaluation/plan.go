package evaluation

// What is evaluated ahead may look at variables that are set only later. The last policy that set one is likely to set it again: its
// literal, or what its expression comes to, which is recalled or evaluated ahead as well.

// Ahead is what is evaluated in one exchange with an expression that is reached, after it.
type Ahead struct {
	// Given are variables that are known already, as they are going to be set.
	Given map[string]any
	// Steps are expressions, in their order.
	Steps []int
}

// Bounds of a plan.
const (
	maxSteps = 24
	maxDepth = 12
)

// unknown is the value of a variable that an expression of the exchange is going to be put into.
type unknown struct{}

// plan is an exchange that is put together.
type plan struct {
	call *Call
	Ahead
	// supposed are the variables as they are going to be when what is planned next is reached.
	supposed map[string]any
	see      shows
	planned  map[int]bool
}

// plan puts together what is evaluated with an expression.
func (c *Call) plan(id int, likely []int) *plan {
	p := &plan{call: c, Ahead: Ahead{Given: map[string]any{}}, supposed: map[string]any{}, planned: map[int]bool{id: true}}
	p.see = inAnyCall(c.host, p.supposed)
	if name := c.memory.expressions[id].Variable; name != "" {
		p.supposed[name] = unknown{}
	}
	for _, next := range likely {
		p.add(next, 0)
	}
	return p
}

// add plans an expression, and before it the ones that set the variables which it looked at last time.
func (p *plan) add(id, depth int) {
	if p.planned[id] || depth > maxDepth || p.call.memory.expressions[id].Fickle {
		return
	}
	p.planned[id] = true
	for _, name := range p.call.memory.reads(id) {
		p.resolve(name, depth)
	}
	if len(p.Steps) == maxSteps {
		return
	}
	p.Steps = append(p.Steps, id)
	if name := p.call.memory.expressions[id].Variable; name != "" {
		p.supposed[name] = unknown{}
		delete(p.Given, name)
	}
}

// resolve finds out what a variable that is not set yet is going to be.
func (p *plan) resolve(name string, depth int) {
	if _, ok := p.supposed[name]; ok || p.call.host.Has(name) {
		return
	}
	w, ok := p.call.memory.writer(name)
	if !ok {
		return
	}
	var value any = w.literal
	if !w.isLiteral {
		var known bool
		if value, known = p.recall(w.id, depth); !known {
			p.add(w.id, depth+1)
			return
		}
	}
	p.supposed[name], p.Given[name] = value, value
}

// recall is the value of an expression as it is going to be.
func (p *plan) recall(id, depth int) (any, bool) {
	if depth > maxDepth {
		return nil, false
	}
	for _, name := range p.call.memory.reads(id) {
		p.resolve(name, depth+1)
	}
	return p.call.memory.recall(id, p.call.buffer, p.see)
}
